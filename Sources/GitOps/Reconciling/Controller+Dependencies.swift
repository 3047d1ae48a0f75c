internal import Operations
internal import PlumbModel
internal import StateBackendAPI

extension Controller {
    /// Which other stack a stack waits for; nil where it waits for none.
    func dependency(_ entry: StackEntry) async throws(Diagnostics) -> Reconciliation? {
        guard !entry.policy.after.isEmpty else { return nil }
        if let circle = circle(from: entry.name) {
            return .halted(
                "It is to come after itself: \(circle.joined(separator: " -> ")). Remove one of these `after`.")
        }
        for dependency in entry.policy.after {
            guard let place = names[dependency.stack], let other = stacks[place] else {
                let hint = Suggestion.didYouMean(dependency.stack, among: names.keys)
                return .waiting("It comes after the stack \"\(dependency.stack)\", which no repository has.\(hint)")
            }
            var status = other.status
            if !isMine(other), let kept = try await keeper.one(.status, other.name, as: StackStatus.self) {
                status = kept.content
            }
            if status.phase != .converged {
                let how = status.phase == .pending ? "was not looked at yet" : "is \(status.phase.rawValue)"
                return .waiting("It comes after the stack \(other.name), which \(how).")
            }
            if isMine(other), !other.isApplied {
                return .waiting("It comes after the stack \(other.name), whose newest revision is not applied yet.")
            }
            if let obstacle = try await readiness(dependency, status) { return obstacle }
        }
        return nil
    }

    /// Why a stack that is converged is not ready for those after it; nil where it is.
    private func readiness(
        _ dependency: StackDependency, _ status: StackStatus
    ) async throws(Diagnostics) -> Reconciliation? {
        guard let readiness = DependencyReadiness(dependency) else { return nil }
        let outputs = try await withState(of: dependency.stack) { (state) throws(Diagnostics) in
            try await state.snapshot().outputs
        }
        do throws(Diagnostics) {
            switch try readiness.judge(outputs: outputs, status: status, at: Clock.now()) {
            case .ready: return nil
            case .notYet(let why):
                return .waiting("It comes after the stack \(dependency.stack), which is not ready yet: \(why).")
            }
        } catch {
            return .halted(
                error.sentence(while: "Whether the stack \(dependency.stack) is ready cannot be judged"))
        }
    }

    private func circle(from name: String) -> [String]? {
        var path = [name]
        var seen: Set<String> = []
        func walk(_ stack: String) -> Bool {
            guard seen.insert(stack).inserted, let place = names[stack], let entry = stacks[place] else { return false }
            for next in entry.policy.after.map(\.stack) {
                path.append(next)
                if next == name || walk(next) { return true }
                path.removeLast()
            }
            return false
        }
        return walk(name) ? path : nil
    }

    /// What waits for a stack looks again, because something about that stack is another now.
    func wakeDependents(of name: String) {
        for entry in stacks.values where entry.policy.after.contains(where: { $0.stack == name }) && !entry.isApplied {
            stacks[entry.place]?.status.nextAttemptAt = nil
            wake(entry.place, "schedule")
        }
    }

    /// What waits for stacks that other controllers work on looks again where those have written something else of them.
    func takeDependencies() async throws(StateBackendError) {
        let waiting = stacks.values.filter {
            isMine($0) && !$0.isApplied && $0.status.phase == .waiting && !$0.policy.after.isEmpty
        }
        for name in Set(waiting.flatMap(\.policy.after).map(\.stack)) {
            guard let place = names[name], let other = stacks[place], !isMine(other) else { continue }
            let record = try await store.record(of: RecordKeeper.Kind.status.rawValue, key: name)
            guard let record, record.version != stacks[place]?.seenVersion else { continue }
            stacks[place]?.seenVersion = record.version
            wakeDependents(of: name)
        }
    }
}

extension StackStatus {
    /// Whether those that come after the stack may judge it otherwise than by what was known before.
    fileprivate var judged: [String?] {
        [phase.rawValue, revision, appliedRevision, driftCount.description]
    }

    func isNews(for before: StackStatus) -> Bool { judged != before.judged }
}
