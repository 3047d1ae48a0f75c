import PlumbModel
public import ProviderAPI
import Synchronization
public import Testing

/// What a watch has told so far, in words, with the moment of each.
public final class ObservedWatch: Sendable {
    /// What was waited for did not come; an issue tells more.
    public struct NotTold: Error {
        public let text: String
    }

    private let told = Mutex<[(text: String, time: ContinuousClock.Instant)]>([])
    private let states = Mutex<[Int: ResourceState]>([:])

    public var texts: [String] { told.withLock { $0.map(\.text) } }

    public func state(_ index: Int) -> ResourceState? { states.withLock { $0[index] } }

    private func note(_ notice: WatchNotice) {
        let text: String
        switch notice {
        case .drifted(let index, let state):
            states.withLock { $0[index] = state }
            text = "drifted \(index)"
        case .deleted(let index): text = "deleted \(index)"
        case .restored(let index): text = "restored \(index)"
        case .began: text = "began"
        case .interrupted: text = "interrupted"
        case .resumed: text = "resumed"
        }
        told.withLock { $0.append((text, .now)) }
    }

    /// Waits until it is told; when that was.
    @discardableResult
    public func expect(
        _ text: String, within seconds: Double = 60, sourceLocation: Testing.SourceLocation = #_sourceLocation
    ) async throws -> ContinuousClock.Instant {
        let end = ContinuousClock.now + .seconds(seconds)
        while ContinuousClock.now < end {
            if let found = told.withLock({ $0.first { $0.text == text } }) { return found.time }
            try await Task.sleep(for: .milliseconds(5))
        }
        Issue.record("\"\(text)\" was not told; but \(texts)", sourceLocation: sourceLocation)
        throw NotTold(text: text)
    }

    public func forget() { told.withLock { $0 = [] } }

    /// How long after the end of `doing` it is told.
    public func delay(
        of text: String, sourceLocation: Testing.SourceLocation = #_sourceLocation, _ doing: () async throws -> Void
    ) async throws -> Duration {
        forget()
        try await doing()
        let end = ContinuousClock.now
        return try await expect(text, sourceLocation: sourceLocation) - end
    }

    /// Watches while `body` runs.
    public static func of(
        _ resources: [WatchedResource], _ instance: any ProviderInstance,
        _ body: @Sendable @escaping (ObservedWatch) async throws -> Void
    ) async throws {
        let watching = try #require(instance as? any Watching)
        let observed = ObservedWatch()
        let mailbox = WatchMailbox()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                do throws(ProviderError) {
                    try await watching.watch(resources, into: mailbox)
                } catch {
                    #expect(error.code == .cancelled, "\(error)")
                }
            }
            group.addTask { for await notice in mailbox { observed.note(notice) } }
            defer { group.cancelAll() }
            try await body(observed)
        }
    }
}
