internal import Forges
internal import Operations
internal import PlumbModel
internal import PullRequests
internal import Repositories

extension PullRequestTurn {
    /// Whether a pull request is part of a commit of the base branch. Forges say that it is merged some a while before others
    /// can see it, and some a while after.
    func isMerged(_ pullRequest: PullRequest, into commit: String) async -> Bool {
        guard pullRequest.base.branch == site.branch ?? pullRequest.base.branch, pullRequest.state != .closed else {
            return false
        }
        if await isPart(pullRequest.head.commit, of: commit) { return true }
        guard pullRequest.state == .merged else { return false }
        guard let merge = pullRequest.mergeCommit else { return true }
        return await isPart(merge, of: commit)
    }

    private func isPart(_ part: String, of commit: String) async -> Bool {
        guard part != commit else { return true }
        let followed = site.followed
        return await BlockingWork.run { (try? followed.mergeBase(of: part, and: commit)) == part }
    }

    // MARK: - Handing over

    /// Promises each stack what was planned for it: from that commit on its controllers do what was looked at, and nothing
    /// else. Done again, it changes nothing.
    ///
    /// - Parameter revision: the commit of the base branch at which the merge was seen.
    func handOver(
        _ pullRequest: PullRequest, _ memory: PullRequestMemory, at revision: String
    ) async throws(Diagnostics) -> PullRequestMemory {
        if memory.standing == .merged { return memory }
        let head = pullRequest.head.commit
        let bound = try await bound(pullRequest, memory)
        var promised: [String] = []
        if site.settings.applying != .off, site.believesCommits, let planned = bound.planned(at: head) {
            let facts = try await facts(pullRequest, bound, isWhole: false)
            for stack in planned.stacks where stack.standing != .removed {
                guard stack.verdict == .changes || stack.verdict == .denied, let digest = stack.digest,
                    try await otherOwner(of: stack.name) == nil
                else { continue }
                try await promise(stack.name, digest, pullRequest, facts, at: revision)
                promised.append(stack.name)
            }
        }
        await note(
            "merge", promised, actor: "", pullRequest.url, .accepted,
            detail: "proposed by \(pullRequest.author.name), merged as \(pullRequest.mergeCommit ?? revision)")
        let (stacks, commit, now) = (promised, pullRequest.mergeCommit ?? revision, Clock.now())
        return try await change { memory in
            memory.standing = .merged
            memory.awaited = stacks
            memory.mergeCommit = commit
            memory.mergedAtTip = revision
            memory.mergedAt = now
        }
    }

    /// With what was approved since the last look.
    private func bound(
        _ pullRequest: PullRequest, _ memory: PullRequestMemory
    ) async throws(Diagnostics) -> PullRequestMemory {
        var memory = memory
        let head = pullRequest.head.commit
        let approvals = try await asking { () throws(ForgeError) in try await forge.approvals(of: pullRequest) }
        memory.approvals = BoundApproval.binding(
            approvals, head: head, planned: memory.planned(at: head)?.digests, known: memory.approvals)
        return memory
    }

    private func promise(
        _ stack: String, _ digest: String, _ pullRequest: PullRequest, _ facts: PullRequestFacts, at revision: String
    ) async throws(Diagnostics) {
        let planned = PullRequestFacts.Stack(name: stack, digest: digest, isRefused: false, hasChanges: true)
        let expectation = StackOrders.Expectation(
            digest: digest, number: place.number, url: pullRequest.url, isApproved: gate.isApproved(planned, facts),
            approvers: gate.approvers(of: stack, digest: digest, facts), revision: revision)
        let now = Clock.now()
        _ = try await keeper.change(.orders, stack, from: StackOrders()) { orders in
            orders.expectation = expectation
            // What the merge leaves as it is, the pull request may have changed before.
            orders.syncAskedAt = now
        }
    }

    /// The other repository that has a stack of this name; nil where there is none.
    func otherOwner(of stack: String) async throws(Diagnostics) -> String? {
        let status = try await keeper.one(.status, stack, as: StackStatus.self)?.content
        return status.flatMap { $0.repository == place.repository ? nil : $0.repository }
    }

    // MARK: - Following

    /// Tells what becomes of the stacks of a merged pull request, until all have come to an end.
    func follow(_ memory: PullRequestMemory) async throws(Diagnostics) -> Double? {
        // Before, whoever looks after the stacks would set them back to what was there before the merge.
        guard let tip = site.tip, let merged = memory.mergedAtTip, await isPart(merged, of: tip) else { return 5 }
        try await locking.free(try await locking.held(), asking: true, now: Clock.now())
        guard let planned = memory.planned, !memory.awaited.isEmpty else { return try await forget() }
        var standings: [(stack: PullRequestRecord.Stack, standing: StackStanding)] = []
        for stack in planned.stacks where memory.awaited.contains(stack.name) {
            standings.append((stack, try await standing(of: stack, since: memory.mergedAt ?? 0)))
        }
        let isOver = standings.allSatisfy { $0.standing == .done }
        // What is told in between are the stops alone: a person has to do something.
        if isOver || standings.contains(where: \.standing.isStop) { try await tell(standings, memory) }
        let age = Clock.now() - (memory.mergedAt ?? 0)
        return isOver || age > Self.longest ? try await forget() : 15
    }

    /// Seconds after which nobody waits any more for what became of a merge.
    private static let longest = 30.0 * 86_400

    private enum StackStanding: Equatable {
        case pending
        case done
        case stopped(String)
        /// The digest of the plan that waits now.
        case differs(String)

        var isStop: Bool { self != .pending && self != .done }

        var words: String {
            switch self {
            case .pending: "pending"
            case .done: "done"
            case .stopped(let reason): reason
            case .differs(let digest): "differs \(digest)"
            }
        }
    }

    private func standing(
        of stack: PullRequestRecord.Stack, since merge: Double
    ) async throws(Diagnostics) -> StackStanding {
        let orders = try await keeper.one(.orders, stack.name, as: StackOrders.self)?.content
        guard let status = try await keeper.one(.status, stack.name, as: StackStatus.self)?.content else {
            return .pending
        }
        let promise = orders?.expectation.flatMap { $0.number == place.number ? $0 : nil }
        // What was so before the merge says nothing of what was merged.
        let isNew = status.since >= merge
        switch status.phase {
        case .converged: return promise == nil ? .done : .pending
        case .halted, .failed, .waiting:
            if let promise, let pending = status.pendingPlan, pending != promise.digest { return .differs(pending) }
            let isStop = status.phase != .waiting || status.pendingPlan != nil
            return isNew && isStop ? .stopped(status.reason) : .pending
        case .pending, .progressing: return .pending
        }
    }

    private static func stopped(_ reason: String) -> PullRequestOutcome.Stack.Result {
        .failed(Diagnostics(.error("Not applied", reason)))
    }

    /// What is different now from what was looked at.
    private func difference(
        _ stack: PullRequestRecord.Stack, _ digest: String
    ) async throws(Diagnostics) -> PullRequestOutcome.Stack.Result {
        let told = Self.stopped(
            "Another plan than the one that was looked at (\(stack.digest ?? "")) waits: \(digest). Look at it, and `approve` it."
        )
        guard let commit = site.tip else { return told }
        let planned = try await workshop.planner(site, place, trust: .full, keepsPlans: false).plan(
            RevisionRange(base: commit, head: commit), of: place.number, under: site.following.folders,
            selection: try StackSelection(globs: [stack.name]))
        guard let now = planned.plans.stacks.first(where: { $0.name == stack.name }), let plan = now.plan else {
            return told
        }
        let (shelf, workshop, site) = (workshop.shelf(of: place), workshop, site)
        let directory = workshop.directory(in: place.repository)(stack.folder)
        let folder = stack.folder == "." ? "" : stack.folder
        let location = try await BlockingWork.run { () throws(Diagnostics) in
            StackLocation(source: try site.followed.source(at: commit, folder: folder), directory: directory)
        }
        let shown = try await shelf.plan(
            stack.folder, at: location, environment: workshop.environment, defaults: workshop.defaults)
        return .differs(
            PlanDifferenceSinceReview(
                approved: stack.digest ?? "", digest: now.digest ?? digest, plan: plan,
                delta: shown.map { PlanDelta(from: $0, to: plan) }))
    }

    private func tell(
        _ standings: [(stack: PullRequestRecord.Stack, standing: StackStanding)], _ memory: PullRequestMemory
    ) async throws(Diagnostics) {
        let text = standings.map { "\($0.stack.name): \($0.standing.words)" }.joined(separator: "\n")
        guard text != memory.told else { return }
        var outcomes: [PullRequestOutcome.Stack] = []
        for (stack, standing) in standings {
            let result: PullRequestOutcome.Stack.Result
            switch standing {
            case .pending: continue
            case .done:
                let counts = stack.counts
                result = .applied(
                    counts.create + counts.update + counts.replace + counts.destroy + counts.other)
            case .stopped(let reason): result = Self.stopped(reason)
            case .differs(let digest): result = try await difference(stack, digest)
            }
            outcomes.append(.init(name: stack.name, folder: stack.folder, result: result))
        }
        let outcome = PullRequestOutcome(revision: memory.mergeCommit ?? "", stacks: outcomes)
        _ = try await asking { () throws(ForgeError) in try await reporter.report(outcome, on: place.number) }
        _ = try await change { $0.told = text }
    }

    private func forget() async throws(Diagnostics) -> Double? {
        await workshop.shelf(of: place).removeAll()
        try await keeper.remove(.pullRequest, place.key)
        return nil
    }
}
