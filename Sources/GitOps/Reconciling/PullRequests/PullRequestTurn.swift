internal import Forges
internal import Logging
internal import Operations
internal import PlumbModel
internal import PullRequests
internal import StateBackendAPI

/// One look at one pull request: does what its state at the forge asks for, whatever has happened before. What was missed,
/// came twice or came late makes no difference.
struct PullRequestTurn: Sendable {
    let place: PullRequestPlace
    let site: PullRequestSite
    let forge: any Forge
    let workshop: PullRequestWorkshop
    let memberships: TeamMemberships
    /// The controllers that live: `ControllerMember.id`.
    let living: Set<String>
    /// Told which commit is being planned, and how that is ended.
    let planning: @Sendable (String, @escaping @Sendable () -> Void) async -> Void
    /// Told when an apply begins and has ended: that is not cut off.
    let applying: @Sendable (Bool) async -> Void

    var keeper: RecordKeeper { workshop.keeper }
    var gate: PullRequestGate { PullRequestGate(site.settings) }
    var locking: StackLocking { StackLocking(keeper: keeper, place: place) }
    /// Of comments and statuses: two controllers for one repository would need two.
    static let key = "plan"

    var reporter: PullRequestReporter { reporter(showing: nil) }

    func reporter(showing record: PullRequestRecord?) -> PullRequestReporter {
        let gone = record?.stacks.contains { $0.standing == .removed && $0.verdict != .unchanged } ?? false
        return PullRequestReporter(
            forge,
            options: .init(
                key: Self.key, labels: site.settings.labels, hints: hints + (gone ? [Self.hintOnRemoved] : [])))
    }

    /// Whose folder is gone has nobody any more who says how it is to be destroyed.
    private static let hintOnRemoved =
        "**The merge destroys nothing of a removed stack**: what it has made stays. To be rid of it, first merge the stack without "
        + "resources and with `sync: {prune: true}`, and then remove it."

    private var hints: [String] {
        switch site.settings.applying {
        case .onComment:
            ["Comment `plumb apply` to have this applied before the merge, `plumb plan` to have it planned anew."]
        case .onMerge:
            ["Once this is merged, exactly this plan is applied. Comment `plumb plan` to have it planned anew."]
        case .off: ["Comment `plumb plan` to have it planned anew."]
        }
    }

    /// - Returns: seconds after which it is to be looked at again at the latest; nil where nothing is waited for.
    func run() async throws(Diagnostics) -> Double? {
        let memory = try await keeper.one(.pullRequest, place.key, as: PullRequestMemory.self)?.content
        if let memory, memory.standing == .merged { return try await follow(memory) }
        guard let pullRequest = try await found() else {
            if memory != nil { try await letGo(nil) }
            return nil
        }
        switch pullRequest.state {
        case .open:
            guard let branch = site.branch, let tip = site.tip else { return 2 }
            guard pullRequest.base.branch == branch else {
                if memory != nil { try await letGo("It is to be merged into another branch now.") }
                return nil
            }
            return try await attend(pullRequest, try await known(memory, pullRequest), tip)
        case .closed:
            if memory != nil { try await letGo("It was closed.") }
            return nil
        case .merged:
            guard let memory, let tip = site.tip else { return nil }
            guard await isMerged(pullRequest, into: tip) else { return 5 }
            return try await follow(try await handOver(pullRequest, memory, at: tip))
        }
    }

    /// Nil where the forge has none of that number any more.
    func found() async throws(Diagnostics) -> PullRequest? {
        do throws(ForgeError) {
            return try await forge.pullRequest(place.number)
        } catch {
            guard error.code == .missing else { throw Self.problems(error) }
            // Forges say the same of a repository that they do not show us: then nothing is known to be gone.
            let open = try await asking { () throws(ForgeError) in try await forge.openPullRequests() }
            return open.first { $0.number == place.number }
        }
    }

    // MARK: - Open

    private func attend(
        _ pullRequest: PullRequest, _ known: PullRequestMemory, _ tip: String
    ) async throws(Diagnostics) -> Double? {
        var memory = known
        let head = pullRequest.head.commit
        if let order = memory.order {
            guard let settled = try await settle(order) else { return 5 }
            memory = settled
        }
        if memory.planned(at: head) == nil, memory.failedHead != head {
            memory = try await planUnasked(pullRequest, memory, tip)
        }
        memory = try await bind(pullRequest, memory)
        return try await answer(pullRequest, memory, tip)
    }

    /// Comments from before the first look are not for us: whoever knows them has answered them, and a pull request that is
    /// opened again begins anew.
    private func known(
        _ memory: PullRequestMemory?, _ pullRequest: PullRequest
    ) async throws(Diagnostics) -> PullRequestMemory {
        if let memory, memory.lastComment != nil { return memory }
        let newest =
            try await asking { () throws(ForgeError) in
                try await forge.comments(on: place.number, since: nil)
            }.map(\.id).max() ?? 0
        let url = pullRequest.url
        return try await change { memory in
            memory.url = url
            if memory.lastComment == nil { memory.lastComment = newest }
        }
    }

    /// What approvals are bound to; they are only bound to what they could have been said of.
    func bind(
        _ pullRequest: PullRequest, _ memory: PullRequestMemory
    ) async throws(Diagnostics) -> PullRequestMemory {
        let approvals = try await asking { () throws(ForgeError) in try await forge.approvals(of: pullRequest) }
        let head = pullRequest.head.commit
        let digests = memory.planned(at: head)?.digests
        let bound = BoundApproval.binding(approvals, head: head, planned: digests, known: memory.approvals)
        guard bound != memory.approvals else { return memory }
        return try await change { memory in
            memory.approvals = BoundApproval.binding(
                approvals, head: head, planned: memory.planned(at: head)?.digests, known: memory.approvals)
        }
    }

    // MARK: - Closed

    /// Gives back what it has, and forgets it.
    ///
    /// - Parameter reason: for those who read it there; nil where nobody can.
    private func letGo(_ reason: String?) async throws(Diagnostics) {
        let held = try await locking.held()
        try await locking.free(held, asking: true, now: Clock.now())
        if !held.isEmpty {
            await note("unlock", held, actor: "", "pull request \(place.key): \(reason ?? "It is gone.")", .accepted)
            if let reason { try await say("closed", PullRequestWords.unlocked(held, because: reason)) }
        }
        await workshop.shelf(of: place).removeAll()
        try await keeper.remove(.pullRequest, place.key)
    }

    // MARK: - Facts

    /// Nobody vouches for who has written it. Whoever may push to the repository is no stranger; a fork is open to others.
    func isStranger(_ pullRequest: PullRequest) async throws(Diagnostics) -> Bool {
        if pullRequest.isFromFork { return true }
        if pullRequest.standing == .member { return false }
        let standing = try await asking { () throws(ForgeError) in
            try await forge.standing(ofAuthorOf: pullRequest)
        }
        guard standing == .firstTime || standing == .unknown else { return false }
        return try await asking { () throws(ForgeError) in
            try await forge.permission(of: pullRequest.author) < .write
        }
    }

    /// - Parameter isWhole: whether all is asked for that only an apply needs.
    func facts(
        _ pullRequest: PullRequest, _ memory: PullRequestMemory, isWhole: Bool
    ) async throws(Diagnostics) -> PullRequestFacts {
        let isStranger = try await isStranger(pullRequest)
        return try await asking { () throws(ForgeError) in
            var permissions: [String: Permission] = [:]
            for approval in memory.approvals where approval.commit == pullRequest.head.commit {
                permissions[approval.user.lowercased()] = try await forge.permission(
                    of: ForgeUser(id: approval.userID, name: approval.user))
            }
            let head = pullRequest.head.commit
            return PullRequestFacts(
                pullRequest, isStranger: isStranger, planned: memory.planned(at: head)?.facts,
                approvals: memory.approvals, permissions: permissions,
                commitsBehind: isWhole ? try await forge.commitsBehind(pullRequest) : nil,
                statuses: isWhole ? try await forge.statuses(of: head) : [], ownStatuses: "plumbline/")
        }
    }

    /// - Parameter names: people and teams that the settings name; a person is found by the name alone.
    func teams(of user: ForgeUser, in names: [String]) async throws(ForgeError) -> PullRequestFacts.Teams {
        guard !names.contains(where: { $0.lowercased() == user.name.lowercased() }) else {
            return PullRequestFacts.Teams()
        }
        return try await memberships.teams(
            of: user, among: names, at: forge, of: site.name, now: Clock.now())
    }

    // MARK: - Means

    func change(
        _ body: @Sendable (inout PullRequestMemory) -> Void
    ) async throws(Diagnostics) -> PullRequestMemory {
        try await keeper.change(.pullRequest, place.key, from: PullRequestMemory(), body)
    }

    func asking<Success: Sendable>(
        _ body: () async throws(ForgeError) -> Success
    ) async throws(Diagnostics) -> Success {
        do throws(ForgeError) {
            return try await body()
        } catch {
            throw Self.problems(error)
        }
    }

    private static func problems(_ error: ForgeError) -> Diagnostics {
        Diagnostics(
            Diagnostic.error("Forge does not do what it is asked", error.message).passing(if: error.isTransient))
    }

    /// Writes a comment of ours, the one of its name.
    func say(_ name: String, _ text: String) async throws(Diagnostics) {
        _ = try await asking { () throws(ForgeError) in
            try await MarkedCommentWriter(forge, marker: ForgeMarker("\(Self.key) \(name)")).write(
                text, on: place.number)
        }
    }

    /// Notes in the audit log who has asked for what.
    func note(
        _ action: String, _ stacks: [String], actor: String, _ reason: String, _ outcome: AuditEntry.Outcome,
        detail: String = ""
    ) async {
        let now = Clock.now()
        let entries = (stacks.isEmpty ? [""] : stacks).map { stack in
            ControllerLogEntry(
                log: AuditEntry.log, subject: stack, time: now,
                text: AuditEntry(
                    action: action, stack: stack, actor: actor, reason: reason, address: forge.kind.rawValue,
                    outcome: outcome, detail: detail
                ).json)
        }
        workshop.logger.notice(
            "pull request",
            metadata: [
                "pull_request": "\(place.key)", "action": "\(action)", "actor": "\(actor)",
                "stacks": "\(stacks.joined(separator: " "))", "outcome": "\(outcome.rawValue)", "detail": "\(detail)",
            ])
        do throws(Diagnostics) {
            try await keeper.append(entries)
        } catch {
            workshop.logger.error(
                "audit entry could not be recorded", metadata: ["reason": "\(error.sentence(while: place.key))"])
        }
    }
}
