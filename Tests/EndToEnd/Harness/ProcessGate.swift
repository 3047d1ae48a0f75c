/// Lets a few processes run at a time: Swift Testing starts all tests at once, and the deadlines are meant for a machine
/// that is not overrun.
actor ProcessGate {
    static let shared = ProcessGate(free: 4)

    private var free: Int
    private var line: [CheckedContinuation<Void, Never>] = []

    private init(free: Int) { self.free = free }

    func pass<Result: Sendable>(_ body: @Sendable () async throws -> Result) async rethrows -> Result {
        await enter()
        defer { leave() }
        return try await body()
    }

    private func enter() async {
        if free > 0 {
            free -= 1
        } else {
            await withCheckedContinuation { line.append($0) }
        }
    }

    private func leave() {
        if line.isEmpty { free += 1 } else { line.removeFirst().resume() }
    }
}
