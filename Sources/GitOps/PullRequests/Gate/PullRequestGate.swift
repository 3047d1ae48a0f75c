public import PlumbModel

/// Decides what may be done for a pull request, from facts alone. What it refuses it says in sentences that tell what to do.
public struct PullRequestGate: Sendable {
    private let settings: PullRequestSettings

    public init(_ settings: PullRequestSettings) { self.settings = settings }

    // MARK: - Who

    /// Whether a comment is read at all: programs are not, so that two of them never talk to each other for ever.
    ///
    /// - Parameter us: who we are at the forge.
    public func listens(to author: ForgeUser, us: ForgeUser) -> Bool {
        if author.isSame(us) { return false }
        return !Self.isProgram(author) || Self.holds(settings.allowed, author.name, PullRequestFacts.Teams())
    }

    private static func isProgram(_ user: ForgeUser) -> Bool {
        let name = user.name.lowercased()
        guard !name.hasSuffix("[bot]"), name != "ghost" else { return true }
        // GitLab's users of tokens: project_12_bot_5f0e….
        let parts = name.split(separator: "_")
        return parts.count >= 3 && ["project", "group"].contains(parts[0]) && parts[2] == "bot"
    }

    /// Whether names of people and teams are of somebody, too.
    private static func holds(_ names: [String], _ name: String, _ teams: PullRequestFacts.Teams) -> Bool {
        names.contains { one in
            let one = one.lowercased()
            return one == name.lowercased() || teams.names.contains(one)
        }
    }

    /// - Returns: why somebody may not give a command; nil where they may.
    public func refusal(
        of command: PullRequestCommand.Action, to person: PullRequestFacts.Person, _ facts: PullRequestFacts
    ) -> String? {
        switch command {
        case .help: return nil
        case .plan where facts.isStranger && settings.strangers == .never:
            return "Pull requests of strangers are not planned here (`strangers: never`)."
        // Whoever may push to the branch has it planned anyway.
        case .plan where !facts.isStranger && person.name.lowercased() == facts.pullRequest.author.name.lowercased():
            return nil
        case .plan, .apply, .unlock: break
        }
        if !settings.allowed.isEmpty {
            if Self.holds(settings.allowed, person.name, person.teams) { return nil }
            let unknown = person.teams.unknown.map { " " + $0 }.joined()
            return "Only those whom the controller's configuration names under `allow` may comment this here.\(unknown)"
        }
        guard person.permission < .write else { return nil }
        return "Only people with write permission to this repository may comment this; ask one of them."
    }

    // MARK: - Planning

    /// Why a pull request is not planned by itself; nil where it is.
    ///
    /// - Parameter vouched: the commit for which somebody who may has said `plumb plan`.
    public func obstacleToPlanning(_ facts: PullRequestFacts, vouched: String?) -> String? {
        if vouched == facts.pullRequest.head.commit, !(facts.isStranger && settings.strangers == .never) { return nil }
        guard facts.isStranger else {
            return settings.plans ? nil : "It is planned when somebody comments `plumb plan`."
        }
        switch settings.strangers {
        case .never: return "Pull requests of strangers are not planned here (`strangers: never`)."
        case .ask:
            return
                "Nobody vouches for this commit yet: once somebody with write permission has looked at it and comments "
                + "`plumb plan`, it is planned, without secrets and without running anything of it."
        }
    }

    // MARK: - Applying

    /// Why stacks may not be applied by a comment, each a sentence; empty where they may.
    public func obstaclesToApplying(_ stacks: [PullRequestFacts.Stack], _ facts: PullRequestFacts) -> [String] {
        let pullRequest = facts.pullRequest
        guard settings.applying == .onComment else {
            let then = settings.applying == .onMerge ? "; merge it, and what was approved is applied" : ""
            return ["Nothing is applied by comments here (`apply: \(settings.applying.rawValue)`)\(then)."]
        }
        guard pullRequest.state == .open else { return ["It is not open any more."] }
        var obstacles: [String] = []
        if facts.isStranger {
            obstacles.append(
                "It is a stranger's, which is never applied before somebody merges it: merge it, or push the same to a branch of "
                    + "this repository.")
        }
        if pullRequest.isDraft { obstacles.append("It is a draft: mark it as ready for review.") }
        guard facts.planned != nil else {
            return obstacles + [
                "Its newest commit is not planned yet: wait for the plan, look at it, and comment again."
            ]
        }
        obstacles += stacks.compactMap(Self.obstacle)
        if settings.requirements.contains(.approved) {
            obstacles += stacks.filter(\.hasChanges).compactMap { missingApproval(of: $0, facts) }.uniqued()
        }
        if settings.requirements.contains(.mergeable), let problem = unmergeable(facts) { obstacles.append(problem) }
        if settings.requirements.contains(.undiverged), let behind = facts.commitsBehind, behind > 0 {
            obstacles.append(
                "Its branch lacks \(behind) commit\(behind == 1 ? "" : "s") of the base branch: merge or rebase, and look at the "
                    + "new plan.")
        }
        return obstacles
    }

    private static func obstacle(of stack: PullRequestFacts.Stack) -> String? {
        if stack.digest == nil { return "\(quoted(stack.name)) could not be planned: mend what its comment names." }
        if stack.isRefused {
            return
                "A policy refuses the plan of \(quoted(stack.name)): change it, or have it approved by somebody who may waive "
                + "that policy."
        }
        return nil
    }

    private func unmergeable(_ facts: PullRequestFacts) -> String? {
        switch facts.pullRequest.mergeability {
        case .mergeable: return nil
        case .conflicting: return "It conflicts with the base branch: resolve that on its branch."
        case .unknown: return "The forge does not know yet whether it can be merged: try again in a moment."
        // Said already.
        case .blocked where facts.pullRequest.isDraft: return nil
        case .blocked(let word):
            // What waits for us to be done cannot be what we wait for.
            let open = facts.statuses.filter { $0.state != .success }
            let isOurs = !open.isEmpty && open.allSatisfy { $0.name.hasPrefix(facts.ownStatuses) }
            if isOurs, Self.statusWords.contains(word) { return nil }
            return
                "The forge would not merge it (\(PullRequestCommand.harmless(word))): see what it asks for beside its button."
        }
    }

    /// Words of forges for statuses that are not all there, and nothing else: GitHub's `blocked` may be a review that is missing.
    private static let statusWords: Set<String> = [
        "unstable", "has_hooks", "ci_must_pass", "ci_still_running", "status_checks_must_pass",
    ]

    // MARK: - Approvals

    /// The names of those whose approval holds for a stack's plan.
    public func approvers(of stack: String, digest: String, _ facts: PullRequestFacts) -> [String] {
        candidates(facts).filter { $0.digests[stack] == digest }.map(\.user).sorted()
    }

    /// Whether a plan may be applied once it is merged, also where somebody has to be asked.
    public func isApproved(_ stack: PullRequestFacts.Stack, _ facts: PullRequestFacts) -> Bool {
        guard let digest = stack.digest, !stack.isRefused else { return false }
        guard settings.requirements.contains(.approved) else { return true }
        return approvers(of: stack.name, digest: digest, facts).count >= settings.approvals
    }

    /// Those who may approve, and have approved the newest commit. An author's own word counts for nothing.
    private func candidates(_ facts: PullRequestFacts) -> [BoundApproval] {
        let author = facts.pullRequest.author.name.lowercased()
        return facts.approvals.filter { approval in
            let name = approval.user.lowercased()
            return approval.commit == facts.pullRequest.head.commit && name != author
                && (facts.permissions[name] ?? .none) >= .write
        }
    }

    private func missingApproval(of stack: PullRequestFacts.Stack, _ facts: PullRequestFacts) -> String? {
        guard let digest = stack.digest else { return nil }
        let all = candidates(facts)
        let holding = all.filter { $0.digests[stack.name] == digest }
        let missing = settings.approvals - holding.count
        guard missing > 0 else { return nil }
        let wanted = "\(missing == 1 ? "One more approval" : "\(missing) more approvals")"
        if let other = all.first(where: { $0.digests[stack.name] != digest }) {
            let before = other.digests[stack.name].map { "the plan \(Self.quoted($0))" } ?? "no plan of it"
            return "\(wanted) of \(Self.quoted(stack.name)) \(missing == 1 ? "is" : "are") missing: what "
                + "\(Self.quoted(other.user)) has approved was \(before), and now it is \(Self.quoted(digest)). Look at the comment "
                + "with the plan, and approve again."
        }
        return
            "\(wanted) of its newest commit \(missing == 1 ? "is" : "are") missing, by people with write permission other than "
            + "its author."
    }

    private static func quoted(_ name: String) -> String { PullRequestCommand.harmless(name) }
}

extension Array where Element: Hashable {
    /// Each once, in their order.
    fileprivate func uniqued() -> [Element] {
        var seen: Set<Element> = []
        return filter { seen.insert($0).inserted }
    }
}
