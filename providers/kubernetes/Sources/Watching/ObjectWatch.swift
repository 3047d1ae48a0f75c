import PlumbModel
import ProviderAPI

/// Runs the parts of a watch side by side.
struct ObjectWatch: Sendable {
    enum Part: Sendable {
        case scope(WatchScope)
        /// Watched resources of a kind that the server does not offer.
        case missing([Int])
        /// Nothing to watch: nothing will happen either.
        case nothing
    }

    let type: KubernetesObject
    let board: WatchBoard

    /// Runs until the task is cancelled.
    ///
    /// - Parameter parts: each with its number on the board.
    func run(_ parts: [(part: Part, number: Int)]) async throws(ProviderError) {
        let failure = await withTaskGroup(of: ProviderError?.self) { group in
            for (part, number) in parts {
                group.addTask {
                    do throws(ProviderError) {
                        try await run(part, number)
                        return nil
                    } catch {
                        return error
                    }
                }
            }
            var failure: ProviderError?
            for await result in group {
                guard let result else { continue }
                failure = failure ?? result
                group.cancelAll()
            }
            return failure
        }
        if let failure { throw failure }
    }

    private func run(_ part: Part, _ number: Int) async throws(ProviderError) {
        switch part {
        case .scope(let scope):
            var watcher = ScopeWatcher(scope, part: number, type, board)
            try await watcher.run()
        case .missing(let indexes): try await expect(indexes, number)
        case .nothing: while true { try await WatchPause.wait(3600) }
        }
    }

    /// All objects of the kind are gone, until somebody brings it back.
    private func expect(_ indexes: [Int], _ number: Int) async throws(ProviderError) {
        for index in indexes { board.note(deletionOf: index) }
        board.note(listingOf: number)
        while true {
            try await WatchPause.wait(15 * Double.random(in: 0.5...1))
            do throws(ProviderError) {
                let found = try await places(of: indexes)
                board.note(returnOf: number)
                guard let found else { continue }
                let scopes = WatchScope.scopes(of: found)
                let numbers = board.divide(number, into: scopes.count)
                return try await run(zip(scopes, numbers).map { (.scope($0), $1) })
            } catch {
                guard !Task.isCancelled else { throw error }
                board.note(breakOf: number, error.message)
            }
        }
    }

    /// Nil as long as the server does not offer the kind, by its own word of this moment.
    private func places(of indexes: [Int]) async throws(ProviderError) -> [(index: Int, place: ObjectPlace)]? {
        var places: [(index: Int, place: ObjectPlace)] = []
        for index in indexes {
            let state = board.prior(index)
            guard try await type.place(of: try Manifest.recorded(state.values), isUrgent: places.isEmpty) != nil,
                let place = try await type.place(of: state)
            else { return nil }
            places.append((index, place))
        }
        return places
    }
}
