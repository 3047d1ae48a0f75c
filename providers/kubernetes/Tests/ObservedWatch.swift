import Foundation
import KubernetesFixtures
import PlumbModel
import ProviderAPI
import Synchronization
import Testing

@testable import KubernetesProvider

/// What a watch has told so far, in words, with the moment of each.
final class ObservedWatch: Sendable {
    private let told = Mutex<[(text: String, time: ContinuousClock.Instant)]>([])
    private let states = Mutex<[Int: ResourceState]>([:])

    var texts: [String] { told.withLock { $0.map(\.text) } }

    func state(_ index: Int) -> ResourceState? { states.withLock { $0[index] } }

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
    func expect(
        _ text: String, within seconds: Double = 60, sourceLocation: Testing.SourceLocation = #_sourceLocation
    ) async throws -> ContinuousClock.Instant {
        let end = ContinuousClock.now + .seconds(seconds)
        while ContinuousClock.now < end {
            if let found = told.withLock({ $0.first { $0.text == text } }) { return found.time }
            try await Task.sleep(for: .milliseconds(5))
        }
        Issue.record("\"\(text)\" was not told; but \(texts)", sourceLocation: sourceLocation)
        throw CancellationError()
    }

    func forget() { told.withLock { $0 = [] } }

    /// Watches while `body` runs.
    static func of(
        _ states: [ResourceState], _ instance: any ProviderInstance,
        _ body: @Sendable @escaping (ObservedWatch) async throws -> Void
    ) async throws {
        let watching = try #require(instance as? any Watching)
        let observed = ObservedWatch()
        let mailbox = WatchMailbox()
        let resources = states.map { WatchedResource(type: "kubernetes_object", state: $0) }
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

/// The machine's kubectl, on the test's cluster.
enum Kubectl {
    static let path = ["\(RenderingPrograms.folder ?? "")/kubectl", "/usr/local/bin/kubectl", "/usr/bin/kubectl"].first(
        where: FileManager.default.isExecutableFile)

    /// - Returns: when it had ended.
    @discardableResult
    static func run(_ server: KubernetesServer, _ arguments: String...) async throws -> ContinuousClock.Instant {
        try await OwnThread.run { [arguments] in
            let process = Process()
            process.executableURL = URL(fileURLWithPath: try #require(path))
            process.arguments = ["--kubeconfig", server.kubeconfig] + arguments
            process.standardOutput = FileHandle.nullDevice
            process.environment = ProcessInfo.processInfo.environment.merging(
                ["HOME": FileManager.default.temporaryDirectory.path]) { $1 }
            try process.run()
            process.waitUntilExit()
            try #require(process.terminationStatus == 0, "kubectl \(arguments)")
            return ContinuousClock.now
        }
    }
}
