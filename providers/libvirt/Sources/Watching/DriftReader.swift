import PlumbModel
import ProviderAPI

/// Reads what is due, and notes what has become of it.
struct DriftReader: Sendable {
    let register: WatchRegister
    let agenda: WatchAgenda
    let board: DriftBoard

    /// More resources of a type than this are read by its list, also when not everything is read.
    private static let fewResources = 4
    private static let shortestPause = Duration.milliseconds(50)

    /// Until its task is cancelled.
    func run() async -> ProviderError {
        for await _ in agenda.wakeups {
            while let work = agenda.take() {
                let begin = ContinuousClock.now
                await read(work)
                // However much happens, the gateway has half of the time for others.
                let pause = max(Self.shortestPause, begin.duration(to: .now))
                guard (try? await Task.sleep(for: pause)) != nil else { return .watchCancelled }
            }
        }
        return .watchCancelled
    }

    private func read(_ work: WatchAgenda.Work) async {
        let breaks = board.breaks
        var failure: ProviderError?
        for group in work.isEverything ? register.groups : register.groups(of: work.indexes) {
            do throws(ProviderError) {
                try await read(group, isAll: work.isEverything)
            } catch {
                // What cannot be read must not hide the others.
                failure = failure ?? error
            }
        }
        guard let failure else {
            if work.isEverything {
                agenda.forgetFailures()
                board.note(wholeSince: breaks)
            }
            return
        }
        guard !Task.isCancelled else { return }
        board.note(breakFor: failure.message)
        agenda.postpone()
    }

    private func read(_ group: WatchRegister.Group, isAll: Bool) async throws(ProviderError) {
        // No list tells what is in images, and one that cannot be read must not hide the others.
        guard isAll || group.indexes.count > Self.fewResources, !(group.type is CloudInitType) else {
            var failure: ProviderError?
            for index in group.indexes {
                do throws(ProviderError) {
                    let live = try await group.type.read(register.resources[index].state)
                    board.note(live, of: index, group.type.schema)
                } catch {
                    guard !Task.isCancelled else { throw error }
                    failure = failure ?? error
                }
            }
            if let failure { throw failure }
            return
        }
        let states = try await group.type.read(all: group.indexes.map { register.resources[$0].state })
        for (index, live) in zip(group.indexes, states) { board.note(live, of: index, group.type.schema) }
    }
}
