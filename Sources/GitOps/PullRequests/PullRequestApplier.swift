public import Applying
internal import Loading
public import Operations
internal import Planning
public import PlumbModel
public import Repositories

/// Carries out what was planned for a pull request, and nothing else: the stored plan where all that it was made from still
/// holds, else one that is made anew and has the same digest. Where it would be another plan, nothing is done and the
/// difference is told.
public struct PullRequestApplier: Sendable {
    private let opening: StackOpening
    private let shelf: PlanShelf?
    private let trigger: String
    /// Seconds to wait for others who have a stack.
    private let patience: Double

    /// - Parameters:
    ///   - directory: where the own files of a stack are, by its folder in the repository; `.` is the root.
    ///   - shelf: where the plans were kept; nil where there are none.
    ///   - trigger: what started it (`RunRecord.trigger`).
    ///   - patience: seconds to wait for others who have a stack.
    public init(
        _ tree: any RevisionTree, capabilities: Capabilities, environment: [String: String], holder: LeaseHolder,
        defaults: StackDefaults? = nil, directory: @escaping @Sendable (String) -> String, shelf: PlanShelf? = nil,
        trigger: String = "pull request", patience: Double = 0
    ) {
        opening = StackOpening(
            tree: tree, capabilities: capabilities, environment: environment, holder: holder, defaults: defaults,
            directory: directory, trust: .full)
        self.shelf = shelf
        self.trigger = trigger
        self.patience = patience
    }

    /// Carries out the plans of all stacks of a record, those that others come after first.
    ///
    /// - Parameters:
    ///   - revision: the commit that is applied: what the pull request was merged as, or its head.
    ///   - isReviewed: false where nobody has seen the plans: then `sync.guard` of the stacks counts.
    ///   - approvers: who has approved, for policies that they may waive.
    ///   - told: called with each stack before it is begun.
    public func apply(
        _ record: PullRequestRecord, at revision: String, isReviewed: Bool = true, approvers: Set<String> = [],
        control: RunControl, told: @Sendable (PullRequestRecord.Stack) async -> Void = { _ in }
    ) async -> [PullRequestOutcome.Stack] {
        var outcomes: [PullRequestOutcome.Stack] = []
        var failed: Set<String> = []
        for stack in Self.ordered(record.stacks) {
            let result: PullRequestOutcome.Stack.Result
            if control.isStopping || Task.isCancelled {
                result = .skipped("The run was told to stop before it came to this stack.")
            } else if let other = stack.after.first(where: failed.contains) {
                result = .skipped("It comes after the stack \(other), which was not applied.")
            } else {
                if stack.verdict != .unchanged { await told(stack) }
                result = await apply(
                    stack, of: record, at: revision, isReviewed: isReviewed, approvers: approvers, control: control)
            }
            let outcome = PullRequestOutcome.Stack(name: stack.name, folder: stack.folder, result: result)
            if !outcome.succeeded { failed.insert(stack.name) }
            outcomes.append(outcome)
        }
        return outcomes
    }

    /// Carries out the plan of one stack.
    public func apply(
        _ stack: PullRequestRecord.Stack, of record: PullRequestRecord, at revision: String, isReviewed: Bool = true,
        approvers: Set<String> = [], control: RunControl
    ) async -> PullRequestOutcome.Stack.Result {
        guard stack.verdict != .unchanged else { return .unchanged }
        guard let approved = stack.digest, stack.verdict != .failed else {
            return .failed(
                Diagnostics(
                    .error(
                        "There is no plan to apply",
                        "The stack \(stack.name) could not be planned in the pull request, so that nobody has seen what would "
                            + "be done. Mend it in another pull request.")))
        }
        guard !record.isOfStranger else {
            return .failed(
                Diagnostics(
                    .error(
                        "Plan of a stranger's pull request",
                        "What was shown of the stack \(stack.name) was planned without trust in whoever wrote it: without secrets, "
                            + "and by what is recorded alone. Plan what was merged, look at it, and apply that.")))
        }
        do throws(Diagnostics) {
            let commit = stack.standing == .removed ? record.base : revision
            if stack.standing == .removed { try await checkGone(stack, at: revision) }
            if let saved = try await stored(stack, approved, of: record, at: commit) {
                if let result = try await apply(saved, approvers, control) { return result }
            }
            return try await applyAnew(
                stack, approved, at: commit, guarded: !isReviewed, approvers, control)
        } catch {
            return .failed(error)
        }
    }

    /// What others come after, first. A circle is left in the order of the record: then the last one of it comes too early,
    /// and the planner has shown it.
    private static func ordered(_ stacks: [PullRequestRecord.Stack]) -> [PullRequestRecord.Stack] {
        let names = Set(stacks.map(\.name))
        var rest = stacks
        var ordered: [PullRequestRecord.Stack] = []
        var done: Set<String> = []
        while !rest.isEmpty {
            let ready = rest.filter { stack in
                stack.after.allSatisfy { $0 == stack.name || done.contains($0) || !names.contains($0) }
            }
            guard !ready.isEmpty else { return ordered + rest }
            ordered += ready
            done.formUnion(ready.map(\.name))
            rest.removeAll { done.contains($0.name) }
        }
        return ordered
    }

    // MARK: - The stored plan

    /// The plan that was shown, where the commit that is applied holds all the files that it was made from.
    private func stored(
        _ stack: PullRequestRecord.Stack, _ approved: String, of record: PullRequestRecord, at commit: String
    ) async throws(Diagnostics) -> SavedPlan? {
        guard let shelf, let reading = stack.reading else { return nil }
        let made = stack.standing == .removed ? record.base : record.head
        if commit != made {
            let tree = opening.tree
            // A squash leaves the commit out that was planned; what cannot be compared is planned anew.
            guard let changes = try? await BlockingWork.run({ try tree.changes(from: made, to: commit) }) else {
                return nil
            }
            let found = AffectedStacks.Stack(name: stack.name, folder: stack.folder, reading: reading)
            // The specs of another commit are other specs where they name it.
            guard !reading.namesRevision,
                AffectedStacks(before: [found], after: [found]).affected(by: changes).isEmpty
            else { return nil }
        }
        let location = try await opening.location(stack.folder, at: commit)
        let saved = try await shelf.open(
            stack.folder, at: location, capabilities: opening.capabilities, environment: opening.environment,
            defaults: opening.defaults)
        guard let saved else { return nil }
        guard saved.plan.origin.revision == made, try PlanOperation(saved.session).digest(of: saved.plan) == approved
        else {
            await saved.session.close()
            return nil
        }
        return saved
    }

    /// - Returns: nil where the state has moved since it was made.
    private func apply(
        _ saved: SavedPlan, _ approvers: Set<String>, _ control: RunControl
    ) async throws(Diagnostics) -> PullRequestOutcome.Stack.Result? {
        let operation = ApplyOperation(saved.session, holder: opening.holder, trigger: trigger)
        do throws(Diagnostics) {
            let held = try await operation.hold(control: control, patience: patience)
            do throws(Diagnostics) {
                guard try await operation.holds(saved.plan) else {
                    await held.giveBack()
                    await saved.session.close()
                    return nil
                }
            } catch {
                await held.giveBack()
                throw error
            }
            var plan = saved.plan
            plan.policies = await opening.policies(
                of: saved.session, on: plan, in: saved.setting, approvers: approvers)
            let result = Self.result(try await operation.run(plan, held: held, control: control) { _ in })
            await saved.session.close()
            return result
        } catch {
            await saved.session.close()
            throw error
        }
    }

    // MARK: - A plan made anew

    private func applyAnew(
        _ stack: PullRequestRecord.Stack, _ approved: String, at commit: String, guarded: Bool,
        _ approvers: Set<String>, _ control: RunControl
    ) async throws(Diagnostics) -> PullRequestOutcome.Stack.Result {
        let session = try await opening.open(stack.folder, at: commit)
        do throws(Diagnostics) {
            let operation = ApplyOperation(session, holder: opening.holder, trigger: trigger)
            // Planned while nobody else can change anything, so that what is applied is what was compared.
            let held = try await operation.hold(control: control, patience: patience)
            let result: PullRequestOutcome.Stack.Result
            do throws(Diagnostics) {
                let (made, _, digest) = try await opening.plan(
                    session, stack.standing == .removed ? .destroy : .normal, approvers: approvers)
                if made.plan.isEmpty {
                    await held.giveBack()
                    result = .unchanged
                } else if digest == approved {
                    if guarded { try DestructionGuard(session).check(made) }
                    result = Self.result(try await operation.run(made.plan, held: held, control: control) { _ in })
                } else {
                    await held.giveBack()
                    let shown = try await shelf?.plan(
                        stack.folder, at: session.location, environment: opening.environment,
                        defaults: opening.defaults)
                    result = .differs(
                        PlanDifferenceSinceReview(
                            approved: approved, digest: digest, plan: made.plan,
                            delta: shown.map { PlanDelta(from: $0, to: made.plan) }))
                }
            } catch {
                await held.giveBack()
                throw error
            }
            await session.close()
            return result
        } catch {
            await session.close()
            throw error
        }
    }

    private static func result(_ outcome: Outcome) -> PullRequestOutcome.Stack.Result {
        guard !outcome.succeeded else { return .applied(outcome.steps.count) }
        var problems = outcome.diagnostics
        if !problems.hasErrors {
            problems.append(
                .error(
                    "Apply was stopped",
                    "It was stopped before all of it was done. What was done is recorded: plan the rest anew."))
        }
        return .failed(problems)
    }

    /// A stack that was to be destroyed because it was gone must be gone, also from every other folder.
    private func checkGone(_ stack: PullRequestRecord.Stack, at revision: String) async throws(Diagnostics) {
        let tree = opening.tree
        let place = try await BlockingWork.run { () throws(Diagnostics) -> String? in
            for folder in try tree.stackFolders(at: revision, under: ["**"]) {
                if folder == StackOpening.path(stack.folder) { return folder }
                guard let there = try? SpecLoader(source: try tree.source(at: revision, folder: folder)).loadStack(),
                    there.name == stack.name
                else { continue }
                return folder
            }
            return nil
        }
        guard let place else { return }
        throw Diagnostics(
            .error(
                "Stack is there again",
                "The pull request removes the stack \(stack.name), but at \(revision.prefix(12)) there is one in "
                    + "\"\(place.isEmpty ? "." : place)\", which has the same record. Nothing was destroyed."))
    }
}
