/// One at a time for each key: looking at a resource and changing it must not be interrupted by another request.
actor Turns {
    private var busy: Set<String> = []
    private var waiting: [String: [CheckedContinuation<Void, Never>]] = [:]

    func take<Result: Sendable>(
        _ key: String, _ work: @Sendable () async throws(Problem) -> Result
    ) async throws(Problem) -> Result {
        await enter(key)
        do throws(Problem) {
            let result = try await work()
            leave(key)
            return result
        } catch {
            leave(key)
            throw error
        }
    }

    private func enter(_ key: String) async {
        if busy.insert(key).inserted { return }
        await withCheckedContinuation { waiting[key, default: []].append($0) }
    }

    private func leave(_ key: String) {
        guard var line = waiting[key], !line.isEmpty else {
            busy.remove(key)
            return
        }
        let next = line.removeFirst()
        waiting[key] = line.isEmpty ? nil : line
        next.resume()
    }
}
