internal import Loading
internal import Logging
internal import Operations
internal import PlumbModel
internal import Reporting
internal import Repositories

/// What a look at a repository has found.
private struct RepositoryLook: Sendable {
    struct Stack: Sendable {
        let folder: String
        let hash: String
        /// Nil where it was not read, because nothing in it has changed.
        let declaration: Result<StackDeclaration, Diagnostics>?
    }

    let revision: FollowedRevision
    /// Why the server could not be asked, where the revision is one from before.
    let problem: Diagnostics?
    /// Nil where the commit is the one from before.
    let stacks: [Stack]?
}

extension Controller {
    /// Takes up the repositories of a configuration, and lets go of those that it no longer names.
    func follow(_ configuration: ControllerConfiguration) {
        let now = Clock.now()
        var known: [String: RepositoryEntry] = [:]
        for following in configuration.repositories {
            let name = following.repository.name
            let cache = configuration.directory + "/repositories/" + name
            let followed = FollowedRepository(following.repository, cache: cache, environment: environment)
            var entry = RepositoryEntry(following: following, followed: followed)
            entry.isPolling = repositories[name]?.isPolling ?? false
            known[name] = entry
            repositoryQueue.hasten(name, to: now)
        }
        for name in repositories.keys where known[name] == nil { repositoryQueue.remove(name) }
        repositories = known
    }

    /// Asks a server for what is new, and wakes the stacks to which that means something.
    func look(at name: String) async {
        guard let entry = repositories[name] else { return }
        let readings = stacks.values.filter { $0.place.repository == name && isMine($0) }
        let memories = Dictionary(
            readings.map { ($0.place.folder, ($0.memory.reading, $0.hash)) }, uniquingKeysWith: { first, _ in first })
        let began = ContinuousClock.now
        let cacheFolder = configuration.directory + "/repositories"
        do throws(Diagnostics) {
            await desk.follow(configuration, Array(repositories.values))
            let look = try await BlockingWork.run { () throws(Diagnostics) in
                try PrivateFolder.make(cacheFolder, for: .controller)
                return try Self.look(entry, memories)
            }
            if look.stacks != nil, entry.tidiedAt < Clock.now() - 3600 {
                let inUse = try await commitsInUse(of: name).union(try await desk.commitsInUse(of: name))
                try await BlockingWork.run { () throws(Diagnostics) in
                    _ = try entry.followed.tidy(keeping: inUse.union([look.revision.commit]))
                }
            }
            try await prepare(name, at: look.revision.commit)
            await take(look, name)
            await desk.look(at: name, tip: look.revision.commit, branch: look.revision.branch)
        } catch {
            await take(failure: error, name)
        }
        counts.countPoll(
            of: name, seconds: (ContinuousClock.now - began) / .seconds(1),
            isFailure: repositories[name]?.problem != nil)
    }

    /// Seconds after which a new revision is taken although the forge does not say what was merged with it.
    private static let longestPreparation = 600.0

    /// What pull requests have promised of a new revision is noted before anybody acts on it.
    private func prepare(_ name: String, at commit: String) async throws(Diagnostics) {
        guard repositories[name]?.commit != commit else { return }
        do throws(Diagnostics) {
            try await desk.prepare(name, at: commit)
            repositories[name]?.unpreparedSince = nil
        } catch {
            let now = Clock.now()
            let since = repositories[name]?.unpreparedSince ?? now
            repositories[name]?.unpreparedSince = since
            guard now - since > Self.longestPreparation else { throw error }
            logger.error(
                "new revision is taken without what pull requests have promised of it",
                metadata: ["repository": "\(name)", "reason": "\(error.sentence(while: name))"])
        }
    }

    /// What must stay readable: as it is recorded, for a controller that has just begun knows no stack yet.
    private func commitsInUse(of repository: String) async throws(Diagnostics) -> Set<String> {
        let statuses = try await keeper.all(.status, as: StackStatus.self)
        let memories = try await keeper.all(.memory, as: StackMemory.self)
        let orders = try await keeper.all(.orders, as: StackOrders.self)
        var commits: Set<String> = []
        for (name, kept) in statuses where kept.content.repository == repository {
            let order = orders[name]?.content
            commits.formUnion(
                [
                    kept.content.revision, kept.content.appliedRevision, memories[name]?.content.previousRevision,
                    order?.pinnedTo, order?.pin?.refused,
                ].compactMap { $0 })
        }
        for entry in stacks.values where entry.place.repository == repository {
            commits.formUnion([entry.newest, entry.watch?.revision].compactMap { $0 })
        }
        return commits
    }

    private static func look(
        _ entry: RepositoryEntry, _ memories: [String: (SourceReading?, String?)]
    ) throws(Diagnostics) -> RepositoryLook {
        let followed = entry.followed
        var problem: Diagnostics?
        let revision: FollowedRevision
        do throws(Diagnostics) {
            revision = try followed.newest(FetchPatience(seconds: 30))
        } catch {
            // What was fetched before goes on: a server that is down ends no stack.
            guard entry.commit == nil, let last = try followed.last() else { throw error }
            (revision, problem) = (last, error)
        }
        if revision.commit == entry.commit { return RepositoryLook(revision: revision, problem: problem, stacks: nil) }
        let folders = try followed.stackFolders(at: revision.commit, under: entry.following.folders)
        let hashes = try followed.contentHashes(
            of: folders.map { ($0, memories[$0]?.0) }, at: revision.commit)
        var stacks: [RepositoryLook.Stack] = []
        for (folder, hash) in zip(folders, hashes) {
            var declaration: Result<StackDeclaration, Diagnostics>?
            if memories[folder]?.1 != hash {
                do throws(Diagnostics) {
                    let source = try followed.source(at: revision.commit, folder: folder)
                    declaration = .success(try SpecLoader(source: source).loadStack())
                } catch {
                    declaration = .failure(error)
                }
            }
            stacks.append(.init(folder: folder, hash: hash, declaration: declaration))
        }
        return RepositoryLook(revision: revision, problem: problem, stacks: stacks)
    }

    private func take(_ look: RepositoryLook, _ name: String) async {
        guard var entry = repositories[name] else { return }
        if entry.problem != nil { logger.info("repository is reached again", metadata: ["repository": "\(name)"]) }
        entry.problem = nil
        entry.failures = 0
        let isNew = entry.commit != look.revision.commit
        entry.commit = look.revision.commit
        conclude(name, &entry, pause: entry.following.interval * .random(in: 0.9...1.1))
        if let problem = look.problem { await take(failure: problem, name) }
        guard isNew, let found = look.stacks else { return }
        if (repositories[name]?.tidiedAt ?? 0) < Clock.now() - 3600 { repositories[name]?.tidiedAt = Clock.now() }
        if case .rewritten(let old) = look.revision.change {
            logger.warning(
                "history of the repository was rewritten",
                metadata: ["repository": "\(name)", "from": "\(old)", "to": "\(look.revision.commit)"])
        }
        logger.info(
            "new revision",
            metadata: [
                "repository": "\(name)", "revision": "\(look.revision.commit)", "stacks": "\(found.count)",
                "subject": "\(look.revision.subject)",
            ])
        let folders = Set(found.map(\.folder))
        // First what is gone: a stack that was moved to another folder takes its name along.
        let lost = stacks.keys.filter { $0.repository == name && !folders.contains($0.folder) }
        for place in lost { lose(place, at: look.revision.commit) }
        for stack in found { take(stack, name, look.revision.commit) }
        for place in lost { await tellLost(place) }
    }

    private func take(failure problems: Diagnostics, _ name: String) async {
        guard var entry = repositories[name] else { return }
        entry.failures += 1
        let text = problems.sentence(while: "The repository \(name) cannot be followed")
        let kind = problems.all.first { $0.severity == .error }?.summary
        if entry.problem == nil || entry.problemKind != kind {
            logger.error("repository cannot be followed", metadata: ["repository": "\(name)", "reason": "\(text)"])
        }
        entry.problem = text
        entry.problemKind = kind
        let pause = min(entry.following.interval * 2, Backoff.waits.seconds(after: entry.failures))
        conclude(name, &entry, pause: pause)
    }

    private func conclude(_ name: String, _ entry: inout RepositoryEntry, pause: Double) {
        entry.wasLookedAt = true
        entry.isPolling = false
        repositoryQueue[name] = Clock.now() + (entry.isToPollAgain ? 0 : pause)
        entry.isToPollAgain = false
        repositories[name] = entry
    }

    // MARK: - Stacks

    private func take(_ found: RepositoryLook.Stack, _ repository: String, _ commit: String) {
        let place = StackPlace(repository: repository, folder: found.folder)
        var entry = stacks[place] ?? StackEntry(place, name: place.description)
        if case .success(let declaration) = found.declaration {
            entry.policy = declaration.sync.completed(by: configuration.defaults)
            name(&entry, declaration.name)
        }
        let isChanged = entry.hash != found.hash
        entry.newest = commit
        entry.status.revision = commit
        entry.hash = found.hash
        let wasMissing = entry.isMissing
        entry.isMissing = false
        if isChanged || wasMissing {
            // Another content is another attempt.
            entry.waits = 0
            if !entry.isApplied || wasMissing {
                entry.status.failures = 0
                entry.status.nextAttemptAt = nil
            }
        }
        stacks[place] = entry
        schedule(place)
    }

    /// Gives a stack its name, unless another one has it, or it has a state under another name.
    private func name(_ entry: inout StackEntry, _ name: String) {
        let place = entry.place
        if let owner = names[name], owner != place, let other = stacks[owner] {
            entry.rival = other.isMissing ? nil : owner
            guard other.isMissing, !other.isRunning else { return }
            stacks[owner] = nil
            if let watch = other.watch { Task { await watch.end() } }
        }
        entry.rival = nil
        entry.otherName = nil
        names[name] = place
        guard entry.name != name else { return }
        guard entry.status.appliedRevision == nil else {
            names[name] = nil
            entry.otherName = name
            return
        }
        if names[entry.name] == place { names[entry.name] = nil }
        let former = entry.name
        Task { await forget(former) }
        var status = StackStatus(stack: name, repository: entry.place.repository, folder: entry.place.folder)
        status.reason = "Not looked at yet."
        entry.status = status
        entry.statusVersion = nil
        entry.memory = StackMemory()
        entry.memoryVersion = nil
        entry.isStale = true
    }

    /// Nothing is destroyed because a folder is not there: that may be a mistake, and a person knows.
    private func lose(_ place: StackPlace, at commit: String) {
        guard var entry = stacks[place], !entry.isMissing else { return }
        entry.isMissing = true
        entry.newest = commit
        entry.hash = nil
        stacks[place] = entry
        stackQueue.remove(place)
    }

    func tellLost(_ place: StackPlace) async {
        guard let entry = stacks[place], entry.isMissing, let commit = entry.newest, isMine(entry), !entry.isRunning
        else {
            return
        }
        await tell(
            place,
            .halted(
                "Its folder \"\(place.folder)\" is not there since revision \(commit.prefix(12)), or no glob of `stacks` matches it any "
                    + "more. What it has made is left as it is. Put the folder back; to be rid of what it has made, put it back without "
                    + "resources and with `sync: {prune: true}`, and `approve` the plan that destroys them."))
        // Nobody looks for its drift any more.
        let word = DriftIssue.farewell(undeclared: entry.name, folder: place.folder, revision: commit)
        await tell(drift: [], place, closingWith: word)
    }
}
