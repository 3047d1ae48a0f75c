import Foundation
import HTTPTypes

/// Slow work that goes on after its request was answered with 202.
actor TaskBoard {
    struct Entry: Sendable, Encodable {
        enum State: String, Sendable, Encodable { case running, succeeded, failed, cancelled }
        let id: String
        let action: String
        /// The path of the resource it works on.
        let resource: String
        var state = State.running
        let started: String
        var finished: String?
        var problem: Problem?
    }

    private struct Work {
        var entry: Entry
        let task: Task<Void, Never>
        var end: ContinuousClock.Instant?
    }

    private static let mostRunning = 256
    private static let mostKept = 1000
    private static let keptFor = Duration.seconds(3600)

    private var works: [String: Work] = [:]
    /// In the order of their start.
    private var order: [String] = []

    var runningCount: Int { works.values.count { $0.end == nil } }

    var entries: [Entry] { order.reversed().compactMap { works[$0]?.entry } }

    func entry(_ id: String) -> Entry? { works[id]?.entry }

    func start(
        _ action: String, on resource: String, _ work: @escaping @Sendable () async throws(Problem) -> Void
    ) throws(Problem) -> Entry {
        forget()
        guard runningCount < TaskBoard.mostRunning else {
            var problem = Problem(.tooManyRequests, "Too many tasks", detail: "\(TaskBoard.mostRunning) run already.")
            problem.headers[.retryAfter] = "5"
            throw problem
        }
        let entry = Entry(
            id: UUID().uuidString.lowercased(), action: action, resource: resource, started: Timestamp.now())
        let id = entry.id
        let task = Task { [weak self] in
            do throws(Problem) {
                try await work()
                await self?.conclude(id, .succeeded, nil)
            } catch {
                await self?.conclude(id, Task.isCancelled ? .cancelled : .failed, error)
            }
        }
        works[id] = Work(entry: entry, task: task)
        order.append(id)
        return entry
    }

    /// False: there is no such task.
    func cancel(_ id: String) -> Bool {
        guard let work = works[id] else { return false }
        work.task.cancel()
        return true
    }

    /// The task as it is when it has ended or `seconds` are over.
    func wait(_ id: String, seconds: Int64) async -> Entry? {
        let end = ContinuousClock.now + .seconds(seconds)
        while let work = works[id], work.end == nil, ContinuousClock.now < end {
            guard (try? await Task.sleep(for: .milliseconds(100))) != nil else { break }
        }
        return works[id]?.entry
    }

    private func conclude(_ id: String, _ state: Entry.State, _ problem: Problem?) {
        works[id]?.entry.state = state
        works[id]?.entry.finished = Timestamp.now()
        works[id]?.entry.problem = problem
        works[id]?.end = .now
    }

    private func forget() {
        let limit = ContinuousClock.now - TaskBoard.keptFor
        var surplus = order.count - TaskBoard.mostKept
        order.removeAll { id in
            guard let end = works[id]?.end, end < limit || surplus > 0 else { return false }
            surplus -= 1
            works[id] = nil
            return true
        }
    }
}
