internal import Forges
internal import Logging
internal import PlumbModel
internal import PullRequests
internal import Repositories
internal import StateBackendAPI

/// Works on the pull requests of all followed repositories, beside their stacks: each by one of the controllers, and so many
/// at once.
actor PullRequestDesk {
    /// Something to look at.
    fileprivate enum Subject: Hashable, Sendable {
        /// Which pull requests a repository has.
        case list(String)
        case pullRequest(PullRequestPlace)
    }

    private struct Running {
        var isToRunAgain = false
        /// The commit that is being planned, and what ends that.
        var planning: (commit: String, cancel: @Sendable () -> Void)?
        /// It is not cut off.
        var isApplying = false
        var task: Task<Void, Never>?
    }

    private var workshop: PullRequestWorkshop
    private let forges: ForgeOpening
    private let memberships = TeamMemberships()
    private var sites: [String: PullRequestSite] = [:]
    private var spreading: Spreading
    private var living: Set<String>
    private var queue = DueQueue<Subject>()
    private var running: [Subject: Running] = [:]
    private var failures: [Subject: Int] = [:]
    /// The stacks that are waited for after a merge.
    private var merged: [PullRequestPlace: Set<String>] = [:]
    /// When each was looked at last, and of which commit the forge's list said that it is the newest.
    private var lookedAt: [PullRequestPlace: (time: Double, head: String?)] = [:]
    private var isEnding = false
    private let alarm = Alarm()

    static let width = 4

    init(_ workshop: PullRequestWorkshop, _ forges: ForgeOpening, members: [ControllerMember]) {
        self.workshop = workshop
        self.forges = forges
        spreading = Spreading(members)
        living = Set(members.map(\.id))
    }

    // MARK: - What it hears

    /// Takes up the repositories of a configuration.
    func follow(_ configuration: ControllerConfiguration, _ repositories: [RepositoryEntry]) {
        workshop = workshop.with(configuration)
        var known: [String: PullRequestSite] = [:]
        for entry in repositories {
            guard var site = PullRequestSite(entry.following, entry.followed) else { continue }
            site.tip = sites[site.name]?.tip
            site.branch = sites[site.name]?.branch
            known[site.name] = site
        }
        sites = known
    }

    func take(members: [ControllerMember]) {
        spreading = Spreading(members)
        living = Set(members.map(\.id))
    }

    /// Whether a repository's pull requests are looked at.
    func follows(_ repository: String) -> Bool { sites[repository] != nil }

    /// A repository was looked at: its pull requests are, too.
    func look(at repository: String, tip: String, branch: String?) {
        guard sites[repository] != nil else { return }
        sites[repository]?.tip = tip
        sites[repository]?.branch = branch
        wake(.list(repository))
    }

    /// A forge tells of a pull request.
    func wake(_ place: PullRequestPlace) {
        guard sites[place.repository] != nil else { return }
        wake(.pullRequest(place))
        // What is planned for nothing is not planned to its end.
        if let planning = running[.pullRequest(place)]?.planning {
            Task { await self.endPlanning(of: place, unlessStill: planning.commit) }
        }
    }

    /// A stack has come to an end: who waits for it looks again.
    func hasSettled(_ stack: String) {
        for (place, awaited) in merged where awaited.contains(stack) { wake(.pullRequest(place)) }
    }

    private func wake(_ subject: Subject) {
        if running[subject] != nil {
            running[subject]?.isToRunAgain = true
        } else {
            queue.hasten(subject, to: Clock.now())
        }
        alarm.ring()
    }

    private func endPlanning(of place: PullRequestPlace, unlessStill commit: String) async {
        guard let site = sites[place.repository],
            let forge = try? await forges.forge(site.forge, of: site.name),
            let newest = try? await forge.pullRequest(place.number)
        else { return }
        guard newest.head.commit != commit || newest.state != .open else { return }
        if let planning = running[.pullRequest(place)]?.planning, planning.commit == commit { planning.cancel() }
    }

    private func note(planning commit: String, of place: PullRequestPlace, _ cancel: @escaping @Sendable () -> Void) {
        if isEnding { cancel() }
        running[.pullRequest(place)]?.planning = (commit, cancel)
    }

    // MARK: - Running

    /// Works until `end` was called and what was begun has ended.
    func run() async {
        await withDiscardingTaskGroup { group in
            while !(isEnding && running.isEmpty) {
                for subject in due() {
                    let task = Task { await self.carryOut(subject) }
                    running[subject]?.task = task
                    group.addTask { await task.value }
                }
                await alarm.sleep(seconds: pause())
            }
        }
    }

    /// Begins nothing new, finishes applies, and leaves the rest to whoever comes next.
    func end() {
        isEnding = true
        for one in running.values where !one.isApplying { one.task?.cancel() }
        alarm.ring()
    }

    private func note(applying isApplying: Bool, _ place: PullRequestPlace) {
        running[.pullRequest(place)]?.isApplying = isApplying
        if isEnding, !isApplying { running[.pullRequest(place)]?.task?.cancel() }
    }

    private func due() -> [Subject] {
        guard !isEnding else { return [] }
        var subjects: [Subject] = []
        while running.count < Self.width, let subject = queue.take(at: Clock.now()) {
            if case .pullRequest(let place) = subject, !isMine(place) { continue }
            running[subject] = Running()
            subjects.append(subject)
        }
        return subjects
    }

    private func pause() -> Double {
        guard !isEnding, running.count < Self.width, let next = queue.nextTime() else { return 3600 }
        return max(0, next - Clock.now())
    }

    private func isMine(_ place: PullRequestPlace) -> Bool { spreading.owner(of: place.key)?.id == workshop.member }

    private func carryOut(_ subject: Subject) async {
        var next: Double?
        do throws(Diagnostics) {
            switch subject {
            case .list(let repository): try await list(repository)
            case .pullRequest(let place): next = try await turn(place)
            }
            failures[subject] = nil
        } catch {
            next = note(error, of: subject)
        }
        let isToRunAgain = running.removeValue(forKey: subject)?.isToRunAgain ?? false
        if isToRunAgain { next = 0 }
        if let next { queue.hasten(subject, to: Clock.now() + max(next, 0.05)) }
        alarm.ring()
    }

    /// - Returns: seconds until the next attempt.
    private func note(_ problems: Diagnostics, of subject: Subject) -> Double {
        failures[subject, default: 0] += 1
        let (count, what) = (failures[subject] ?? 1, subject.words)
        let isPassing = problems.all.allSatisfy(\.isPassing)
        workshop.logger.log(
            level: isPassing && count < 5 ? .info : .warning, "pull requests cannot be worked on",
            metadata: ["subject": "\(what)", "reason": "\(KnownSecrets.redact(problems.sentence(while: what)))"])
        return (isPassing ? Backoff.waits : Backoff.failures).seconds(after: count)
    }

    // MARK: - Looking

    /// Finds which pull requests are to be looked at: those that are open, and those of which something is remembered.
    private func list(_ repository: String) async throws(Diagnostics) {
        guard let site = sites[repository] else { return }
        let forge = try await opened(site)
        let open: [PullRequest]
        do throws(ForgeError) {
            open = try await forge.openPullRequests()
        } catch {
            throw Diagnostics(
                Diagnostic.error("Forge does not do what it is asked", error.message).passing(if: error.isTransient))
        }
        let memories = try await workshop.keeper.all(.pullRequest, as: PullRequestMemory.self)
        let remembered = memories.keys.compactMap(PullRequestPlace.init(key:)).filter { $0.repository == repository }
        merged = merged.filter { memories[$0.key.key] != nil }
        for place in remembered {
            guard let memory = memories[place.key]?.content, memory.standing == .merged else { continue }
            merged[place] = Set(memory.awaited)
        }
        let current = open.filter { $0.base.branch == site.branch }.map { PullRequestPlace(repository, $0.number) }
        let heads = Dictionary(open.map { ($0.number, $0.head.commit) }) { first, _ in first }
        // Each costs the forge some requests.
        let pause = max(site.following.interval, Double(current.count))
        for place in Set(current).union(remembered) where isMine(place) {
            let last = lookedAt[place]
            guard last?.head != heads[place.number] || Clock.now() - (last?.time ?? 0) >= pause else { continue }
            lookedAt[place] = (Clock.now(), heads[place.number])
            wake(place)
        }
        lookedAt = lookedAt.filter { place, _ in place.repository != repository || heads[place.number] != nil }
    }

    private func turn(_ place: PullRequestPlace) async throws(Diagnostics) -> Double? {
        guard let site = sites[place.repository] else { return nil }
        let turn = try await turn(place, site)
        let next = try await turn.run()
        if next == nil { merged[place] = nil }
        return next
    }

    private func turn(_ place: PullRequestPlace, _ site: PullRequestSite) async throws(Diagnostics) -> PullRequestTurn {
        PullRequestTurn(
            place: place, site: site, forge: try await opened(site), workshop: workshop, memberships: memberships,
            living: living,
            planning: { [weak self] commit, cancel in await self?.note(planning: commit, of: place, cancel) },
            applying: { [weak self] isApplying in await self?.note(applying: isApplying, place) })
    }

    private func opened(_ site: PullRequestSite) async throws(Diagnostics) -> any Forge {
        do throws(ForgeError) {
            return try await forges.forge(site.forge, of: site.name)
        } catch {
            throw Diagnostics(.error("Forge cannot be opened", error.message))
        }
    }

    /// What must stay readable of a repository.
    func commitsInUse(of repository: String) async throws(Diagnostics) -> Set<String> {
        guard sites[repository] != nil else { return [] }
        let memories = try await workshop.keeper.all(.pullRequest, as: PullRequestMemory.self)
        var commits: Set<String> = []
        for (key, kept) in memories where PullRequestPlace(key: key)?.repository == repository {
            let memory = kept.content
            commits.formUnion(
                [memory.planned?.head, memory.planned?.base, memory.mergeCommit, memory.mergedAtTip].compactMap { $0 })
        }
        return commits
    }

    // MARK: - Before a new revision

    /// Hands over what was merged up to a new commit of the base branch, before anybody acts on that commit.
    ///
    /// - Throws: why nobody can tell what was merged.
    func prepare(_ repository: String, at commit: String) async throws(Diagnostics) {
        guard let site = sites[repository], site.settings.applying != .off else { return }
        let memories = try await workshop.keeper.all(.pullRequest, as: PullRequestMemory.self)
        let waiting = memories.compactMap { key, kept -> (PullRequestPlace, PullRequestMemory)? in
            guard let place = PullRequestPlace(key: key), place.repository == repository,
                kept.content.standing == .open, kept.content.planned != nil
            else { return nil }
            return (place, kept.content)
        }
        guard !waiting.isEmpty else { return }
        for (place, memory) in waiting {
            let turn = try await turn(place, site)
            guard let pullRequest = try await turn.found(), await turn.isMerged(pullRequest, into: commit) else {
                continue
            }
            merged[place] = Set(try await turn.handOver(pullRequest, memory, at: commit).awaited)
            wake(place)
        }
    }
}

extension PullRequestDesk.Subject {
    /// For people.
    fileprivate var words: String {
        switch self {
        case .list(let repository): "The pull requests of \(repository)"
        case .pullRequest(let place): "The pull request \(place.key)"
        }
    }
}
