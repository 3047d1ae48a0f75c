internal import Applying
public import Logging
public import Operations
public import PlumbModel
internal import Repositories
public import StateBackendAPI

/// Follows repositories and holds the stacks in them to their newest revisions, until it is told to end.
///
/// It acts on what is, not on what happened: at each turn a stack's records, its newest commit and what people have asked
/// decide what is to be done. So it may be killed at any time, and another one goes on.
public actor Controller {
    let capabilities: Capabilities
    let environment: [String: String]
    let holder: LeaseHolder
    let member: ControllerMember
    let store: any ControllerStore
    /// Of the stacks that name none.
    let state: SharedState
    let keeper: RecordKeeper
    nonisolated let logger: Logger
    let alarm = Alarm()
    /// Stops applies before their next step.
    let control = RunControl()

    var configuration: ControllerConfiguration
    var repositories: [String: RepositoryEntry] = [:]
    var stacks: [StackPlace: StackEntry] = [:]
    /// By stack.
    var names: [String: StackPlace] = [:]
    var repositoryQueue = DueQueue<String>()
    var stackQueue = DueQueue<StackPlace>()
    var running = 0
    var polling = 0
    var isEnding = false
    var spreading: Spreading
    /// Why it cannot say that it lives; nil where it can.
    var silence: String?
    /// Why the records cannot be written; nil where they can.
    var unrecorded: String?
    /// When it said so last.
    var lastAnnouncement = Clock.now()
    /// False where it works once: there is nothing to watch for.
    var keepsWatches = true
    var counts = Counts()
    let couriers: Couriers
    let forgeTeller: ForgeTeller
    var notifier: Notifier
    let desk: PullRequestDesk

    static let announcement = 20.0
    static let heartbeat = 5.0
    /// Entries that are kept of each log.
    static let logLengths = ["events": 20_000, AuditEntry.log: 200_000]
    static let polls = 4
    /// Seconds in which what is not told yet must be told when the controller ends.
    static let lastWords = 10.0

    public init(
        _ configuration: ControllerConfiguration, capabilities: Capabilities, environment: [String: String],
        holder: LeaseHolder, store: any ControllerStore, state: SharedState, logger: Logger
    ) {
        self.configuration = configuration
        self.capabilities = capabilities
        self.environment = environment
        self.holder = holder
        self.store = store
        self.state = state
        self.logger = logger
        keeper = RecordKeeper(store: store)
        member = ControllerMember(
            id: RunIdentifier.make(), name: holder.description, version: capabilities.version)
        spreading = Spreading([member])
        couriers = Couriers(logger: logger)
        let forges = ForgeOpening(environment: environment)
        forgeTeller = ForgeTeller(opening: forges, keeper: keeper, couriers: couriers)
        notifier = Notifier(configuration, environment: environment, couriers: couriers)
        desk = PullRequestDesk(
            PullRequestWorkshop(
                capabilities: capabilities, environment: environment, holder: holder, configuration: configuration,
                state: state, keeper: keeper, control: control, logger: logger, member: member.id),
            forges, members: [member])
    }

    // MARK: - Running

    /// Works until `end` was called and what was begun has ended. The store stays open.
    ///
    /// - Throws: why it cannot begin.
    public func run() async throws(Diagnostics) {
        try await begin()
        logger.info("controller began", metadata: ["member": "\(member.name)", "store": "\(store.name)"])
        await withDiscardingTaskGroup { group in
            let attendance = Task { await self.attend() }
            let pullRequests = Task { await desk.run() }
            while !(isEnding && running == 0 && polling == 0) {
                for work in due() { group.addTask { await self.carryOut(work) } }
                await alarm.sleep(seconds: pause())
            }
            await desk.end()
            await pullRequests.value
            attendance.cancel()
            await attendance.value
        }
        await finish()
    }

    /// Reconciles everything once.
    ///
    /// - Returns: the exit code: 0 converged, 1 something failed or needs a person, 2 something waits.
    public func runOnce() async throws(Diagnostics) -> Int32 {
        keepsWatches = false
        try await begin()
        let unfollowed = configuration.repositories.filter { $0.pullRequests != nil }.map(\.repository.name)
        if !unfollowed.isEmpty {
            logger.warning(
                "pull requests are not looked at by --once",
                metadata: [
                    "repositories": "\(unfollowed.joined(separator: ", "))",
                    "advice": "`plumb pr plan` plans them in CI; a controller that stays follows them",
                ])
        }
        await withDiscardingTaskGroup { group in
            let attendance = Task { await self.attend() }
            while true {
                for work in due() { group.addTask { await self.carryOut(work) } }
                let next = [stackQueue.nextTime(), repositoryQueue.nextTime()].compactMap { $0 }.min()
                let isIdle = running == 0 && polling == 0
                if isIdle,
                    isEnding || repositories.values.allSatisfy(\.wasLookedAt) && (next ?? .infinity) > Clock.now()
                {
                    break
                }
                await alarm.sleep(seconds: pause())
            }
            attendance.cancel()
            await attendance.value
        }
        await finish()
        let phases = Set(stacks.values.map(\.status.phase))
        let isFailing = repositories.values.contains { $0.problem != nil }
        return isFailing || phases.contains(.failed) || phases.contains(.halted)
            ? 1 : phases.contains(.converged) && phases.count == 1 || phases.isEmpty ? 0 : 2
    }

    /// Begins nothing new. Applies under way are finished; a second call stops them before their next step.
    public func end() {
        if isEnding { control.stop() }
        isEnding = true
        alarm.ring()
        Task { await desk.end() }
        logger.info("controller ends: runs under way are finished", metadata: ["running": "\(running)"])
        let grace = configuration.grace
        Task { [control] in
            do { try await Task.sleep(for: .seconds(grace)) } catch { return }
            control.stop()
        }
    }

    private func begin() async throws(Diagnostics) {
        do throws(StateBackendError) {
            spreading = Spreading(try await store.announce(member, seconds: Self.announcement))
        } catch {
            throw Diagnostics(.error("Controller cannot begin", error.message))
        }
        let statuses = try await keeper.all(.status, as: StackStatus.self)
        let memories = try await keeper.all(.memory, as: StackMemory.self)
        let orders = try await keeper.all(.orders, as: StackOrders.self)
        for (name, kept) in statuses {
            let place = StackPlace(repository: kept.content.repository, folder: kept.content.folder)
            guard configuration.repositories.contains(where: { $0.repository.name == place.repository }) else {
                continue
            }
            var entry = StackEntry(place, name: name)
            entry.status = kept.content
            entry.statusVersion = kept.version
            entry.memory = memories[name]?.content ?? StackMemory()
            entry.memoryVersion = memories[name]?.version
            entry.orders = orders[name]?.content ?? StackOrders()
            stacks[place] = entry
            names[name] = place
        }
        follow(configuration)
        await desk.take(members: spreading.members)
    }

    private func finish() async {
        for entry in stacks.values { await entry.watch?.end() }
        do throws(StateBackendError) {
            try await store.leave(member.id)
        } catch {
            logger.warning("controller could not say that it ends", metadata: ["reason": "\(error.message)"])
        }
        // Others go on with its stacks by now.
        await couriers.end(within: Self.lastWords)
        logger.info("controller ended")
    }

    // MARK: - Turns

    enum Work: Sendable {
        case repository(String)
        case stack(StackPlace)
    }

    /// What is to be begun now.
    private func due() -> [Work] {
        let now = Clock.now()
        guard !isEnding, !isSilent else { return [] }
        var works: [Work] = []
        while polling < Self.polls, let name = repositoryQueue.take(at: now) {
            guard var entry = repositories[name] else { continue }
            if entry.isPolling { entry.isToPollAgain = true } else { works.append(.repository(name)) }
            if !entry.isPolling { polling += 1 }
            entry.isPolling = true
            repositories[name] = entry
        }
        while running < configuration.concurrency, let place = stackQueue.take(at: now) {
            guard var entry = stacks[place], isMine(entry) else { continue }
            if entry.isRunning { entry.isToRunAgain = true } else { works.append(.stack(place)) }
            if !entry.isRunning { running += 1 }
            entry.isRunning = true
            stacks[place] = entry
        }
        return works
    }

    /// Whoever could not say for so long that it lives has had its stacks taken over.
    private var isSilent: Bool { Clock.now() - lastAnnouncement > Self.announcement }

    private func pause() -> Double {
        if isSilent, !isEnding { return 1 }
        var times: [Double] = []
        if polling < Self.polls, let next = repositoryQueue.nextTime() { times.append(next) }
        if running < configuration.concurrency, let next = stackQueue.nextTime() { times.append(next) }
        guard !isEnding, let next = times.min() else { return 3600 }
        return max(0, next - Clock.now())
    }

    private func carryOut(_ work: Work) async {
        switch work {
        case .repository(let name):
            await look(at: name)
            polling -= 1
        case .stack(let place):
            await reconcile(place)
            running -= 1
        }
        alarm.ring()
    }

    func isMine(_ entry: StackEntry) -> Bool { spreading.owner(of: entry.name)?.id == member.id }
}
