internal import Logging
internal import Operations
public import PlumbModel
internal import Repositories
internal import StateBackendAPI

extension Controller: ControlPlane {
    // MARK: - Showing

    public func stacks() async throws(Diagnostics) -> [StackStatus] {
        let kept = try await keeper.all(.status, as: StackStatus.self)
        let orders = try await keeper.all(.orders, as: StackOrders.self)
        var statuses = kept.mapValues(\.content)
        for entry in stacks.values where isMine(entry) || statuses[entry.name] == nil {
            statuses[entry.name] = entry.status
        }
        return statuses.values.map { Self.shown($0, orders[$0.stack]?.content) }.sorted { $0.stack < $1.stack }
    }

    public func status(of stack: String) async throws(Diagnostics) -> StackStatus? {
        let orders = try await keeper.one(.orders, stack, as: StackOrders.self)?.content
        if let place = names[stack], let entry = stacks[place], isMine(entry) {
            return Self.shown(entry.status, orders)
        }
        let kept = try await keeper.one(.status, stack, as: StackStatus.self)?.content
        return (kept ?? names[stack].flatMap { stacks[$0]?.status }).map { Self.shown($0, orders) }
    }

    /// With what people have asked for, also where the stack's controller has not seen it yet.
    private static func shown(_ status: StackStatus, _ orders: StackOrders?) -> StackStatus {
        var status = status
        status.suspension = orders?.suspension.flatMap { $0.isActive(at: Clock.now()) ? $0 : nil }
        status.pin = orders?.pin
        status.lock = orders?.lock
        return status
    }

    public func runs(of stack: String, limit: Int) async throws(Diagnostics) -> [RunRecord] {
        try await withState(of: stack) { (state) throws(Diagnostics) in try await state.runs(limit: limit) }
    }

    public func drift(of stack: String) async throws(Diagnostics) -> [DriftRecord] {
        try await withState(of: stack) { (state) throws(Diagnostics) in
            try await state.snapshot().drift.filter(\.isPresent)
        }
    }

    public func resources(of stack: String) async throws(Diagnostics) -> [ResourceRecord] {
        try await withState(of: stack) { (state) throws(Diagnostics) in
            try await state.snapshot().resources.sorted { $0.address < $1.address }
        }
    }

    public func plan(of stack: String) async throws(Diagnostics) -> (digest: String, document: String)? {
        _ = try place(of: stack)
        let kept = try await keeper.one(.plan, stack, as: StackPlan.self)
        return kept.map { ($0.content.digest, $0.content.document) }
    }

    func withState<Told: Sendable>(
        of stack: String, _ body: (StateOperation) async throws(Diagnostics) -> Told
    ) async throws(Diagnostics) -> Told {
        let place = try place(of: stack)
        guard let entry = stacks[place], let repository = repositories[place.repository],
            let revision = entry.status.appliedRevision ?? entry.newest
        else {
            throw Diagnostics(
                .error("Stack was not read yet", "\(stack) was not read yet, so that nobody knows where its state is."))
        }
        let reconciler = StackReconciler(
            capabilities: capabilities, environment: environment, holder: holder, configuration: configuration,
            state: state
        ) { _ in
        }
        let location = try await BlockingWork.run { () throws(Diagnostics) in
            let directory = reconciler.directory(of: place)
            try PrivateFolder.make(directory, for: .controller)
            return StackLocation(
                source: try repository.followed.source(at: revision, folder: place.folder), directory: directory)
        }
        let state = try await StateOperation.open(
            location, capabilities: capabilities, environment: environment, defaults: reconciler.defaults)
        do throws(Diagnostics) {
            let told = try await body(state)
            await state.close()
            return told
        } catch {
            await state.close()
            throw error
        }
    }

    private func place(of stack: String) throws(Diagnostics) -> StackPlace {
        if let place = names[stack] { return place }
        throw Diagnostics(
            .error(
                "Unknown stack",
                "No stack is called \"\(stack)\".\(Suggestion.didYouMean(stack, among: names.keys))"))
    }

    // MARK: - Commands

    public func perform(_ command: ControlCommand) async throws(Diagnostics) {
        let place = try place(of: command.stack)
        let status = try await status(of: command.stack)
        try check(command, status)
        let now = Clock.now()
        let change = try await change(for: command, status, now)
        try await keeper.append([
            ControllerLogEntry(
                log: AuditEntry.log, subject: command.stack, time: now,
                text: AuditEntry(command, .accepted).json)
        ])
        logger.notice(
            "command",
            metadata: [
                "stack": "\(command.stack)", "action": "\(command.action.name)", "actor": "\(command.actor)",
                "reason": "\(command.reason)",
            ])
        let orders = try await keeper.change(.orders, command.stack, from: StackOrders(), change)
        if let entry = stacks[place], isMine(entry) { take(orders, place) }
    }

    /// - Throws: why it is refused.
    private func check(_ command: ControlCommand, _ status: StackStatus?) throws(Diagnostics) {
        switch command.action {
        case .approve(let digest):
            guard status?.pendingPlan == digest else {
                let pending = status?.pendingPlan.map { "The plan that waits has the digest \($0): look at it again." }
                throw Diagnostics(
                    .error(
                        "No such plan waits",
                        "No plan of \(command.stack) with the digest \(digest) waits for approval. "
                            + (pending ?? "None waits at all.")))
            }
        case .suspend(let until?) where until <= Clock.now():
            throw Diagnostics(
                .error("Time is over", "\(InstantText.utc(until)) is in the past. Give a time to come, or none."))
        case .sync, .checkDrift, .suspend, .resume, .rollback: break
        }
    }

    /// What becomes of the orders.
    private func change(
        for command: ControlCommand, _ status: StackStatus?, _ now: Double
    ) async throws(Diagnostics) -> @Sendable (inout StackOrders) -> Void {
        let (actor, reason) = (command.actor, command.reason)
        switch command.action {
        case .sync: return { $0.syncAskedAt = now }
        case .checkDrift: return { $0.driftAskedAt = now }
        case .approve(let digest): return { $0.approval = .init(digest: digest, actor: actor) }
        case .suspend(let until):
            return { $0.suspension = .init(actor: actor, reason: reason, since: now, until: until) }
        case .resume: return { $0.suspension = nil }
        case .rollback:
            let memory = try await keeper.one(.memory, command.stack, as: StackMemory.self)?.content
            let entry = names[command.stack].flatMap { stacks[$0] }
            let newest = entry?.newest ?? status?.revision
            // What was not applied whole is gone back from to what was.
            let known = entry.flatMap { isMine($0) && $0.hash != nil ? $0.isApplied : nil }
            let isApplied = known ?? (status?.phase == .converged)
            let isPinned = status?.pin != nil
            let previous = isApplied && !isPinned ? memory?.previousRevision : status?.appliedRevision
            guard let target = previous, let newest, target != newest else {
                throw Diagnostics(
                    .error(
                        "Nothing to go back to",
                        "\(command.stack) has had one revision so far. Mend it with a commit, or `plumb destroy` it."))
            }
            return { orders in
                orders.pin = .init(refused: newest, actor: actor, reason: reason, since: now)
                orders.pinnedTo = target
                orders.pinnedThrough = nil
                orders.pinnedReading = memory?.reading
            }
        }
    }

    /// The names of the repositories that a forge knows under these URLs.
    private func meant(by urls: [String]) -> [String] {
        let wanted = Set(urls.map(RepositoryAddress.normal))
        return repositories.values.filter {
            wanted.contains(RepositoryAddress.normal($0.following.repository.url))
        }.map(\.following.repository.name).sorted()
    }

    public func repositoryChanged(_ urls: [String]) async -> [String] {
        let meant = meant(by: urls)
        for name in meant {
            if repositories[name]?.isPolling == true { repositories[name]?.isToPollAgain = true }
            repositoryQueue.hasten(name, to: Clock.now())
        }
        alarm.ring()
        return meant
    }

    public func pullRequestChanged(_ number: Int, in urls: [String]) async -> [String] {
        var followed: [String] = []
        for name in meant(by: urls) where await desk.follows(name) {
            followed.append(name)
            await desk.wake(PullRequestPlace(name, number))
            // A merge is a new revision too.
            repositoryQueue.hasten(name, to: Clock.now())
        }
        alarm.ring()
        return followed
    }

    public func impediment() async -> String? {
        if isEnding { return "The controller ends." }
        if let silence { return silence }
        let unseen = repositories.values.filter { !$0.wasLookedAt }.map(\.following.repository.name).sorted()
        return unseen.first.map { "The repository \($0) was not looked at yet." }
    }

    public func measurements() async -> [Measurement] {
        counts.measurements(of: stacks.values.filter { isMine($0) }, repositories: Array(repositories.values))
            + (await couriers.measurements())
    }
}
