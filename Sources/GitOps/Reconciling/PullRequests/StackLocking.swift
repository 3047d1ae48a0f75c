internal import PlumbModel

/// Gives stacks to one pull request alone, and takes them back: in what is asked of the stacks, which every controller reads
/// before it begins anything.
struct StackLocking: Sendable {
    let keeper: RecordKeeper
    let place: PullRequestPlace

    private func isOurs(_ lock: StackStatus.Lock) -> Bool {
        lock.repository == place.repository && lock.number == place.number
    }

    /// Takes all of them or none.
    ///
    /// - Returns: the first that another pull request has, with its lock; nil where all are ours now.
    func take(
        _ stacks: [String], url: String, actor: String, now: Double
    ) async throws(Diagnostics) -> (stack: String, lock: StackStatus.Lock)? {
        var taken: [String] = []
        for stack in stacks {
            let lock = StackStatus.Lock(
                repository: place.repository, number: place.number, url: url, actor: actor, since: now)
            let orders = try await keeper.change(.orders, stack, from: StackOrders()) { orders in
                if orders.lock == nil { orders.lock = lock }
            }
            guard let holder = orders.lock else { continue }
            guard isOurs(holder) else {
                try await free(taken, asking: false, now: now)
                return (stack, holder)
            }
            if holder == lock { taken.append(stack) }
        }
        return nil
    }

    /// The stacks that the pull request has, sorted.
    func held() async throws(Diagnostics) -> [String] {
        let all = try await keeper.all(.orders, as: StackOrders.self)
        return all.filter { $0.value.content.lock.map(isOurs) ?? false }.keys.sorted()
    }

    /// - Parameter asking: whether they are to go back to what the base branch says.
    func free(_ stacks: [String], asking: Bool, now: Double) async throws(Diagnostics) {
        let (repository, number) = (place.repository, place.number)
        for stack in stacks {
            _ = try await keeper.change(.orders, stack, from: StackOrders()) { orders in
                guard let lock = orders.lock, lock.repository == repository, lock.number == number else { return }
                orders.lock = nil
                if asking { orders.syncAskedAt = now }
            }
        }
    }
}
