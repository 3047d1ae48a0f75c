import PlumbModel
import PullRequests
import Testing

/// What may be done for a pull request.
struct PullRequestGateTests {
    private static let head = String(repeating: "a", count: 40)
    private static let ada = ForgeUser(id: 2, name: "ada")
    private static let bob = ForgeUser(id: 3, name: "bob")
    private static let dns = PullRequestFacts.Stack(name: "dns", digest: "d1", isRefused: false, hasChanges: true)

    private static func settings(_ change: (inout PullRequestSettings) -> Void = { _ in }) -> PullRequestSettings {
        var settings = PullRequestSettings()
        settings.applying = .onComment
        change(&settings)
        return settings
    }

    private static func pullRequest(
        state: PullRequest.State = .open, isDraft: Bool = false, mergeability: PullRequest.Mergeability = .mergeable
    ) -> PullRequest {
        PullRequest(
            number: 7, title: "Change it", author: bob, state: state, isDraft: isDraft,
            head: .init(branch: "change", commit: head, repository: "acme/infra"),
            base: .init(branch: "main", commit: nil), isFromFork: false, standing: .member, labels: [],
            mergeability: mergeability, mergeCommit: nil, url: "https://forge.example/7")
    }

    private static func facts(
        _ pullRequest: PullRequest = pullRequest(), approval: BoundApproval? = word(of: "ada"), isStranger: Bool = false
    ) -> PullRequestFacts {
        PullRequestFacts(
            pullRequest, isStranger: isStranger, planned: [dns], approvals: [approval].compactMap { $0 },
            permissions: ["ada": .write, "bob": .write, "eve": .read], commitsBehind: 0)
    }

    private static func word(
        of user: String, at commit: String = head, digests: [String: String] = ["dns": "d1"]
    ) -> BoundApproval {
        BoundApproval(user: user, commit: commit, givenAt: 1, digests: digests)
    }

    private static func obstacles(
        _ facts: PullRequestFacts, _ settings: PullRequestSettings = settings(), stack: PullRequestFacts.Stack = dns
    ) -> [String] { PullRequestGate(settings).obstaclesToApplying([stack], facts) }

    // MARK: - Applying

    @Test func whatIsApprovedMergeableAndUndivergedMayBeApplied() {
        #expect(Self.obstacles(Self.facts()) == [])
    }

    @Test func eachObstacleIsNamedWithWhatToDo() {
        var behind = Self.facts()
        behind.commitsBehind = 2
        var unplanned = Self.facts()
        unplanned.planned = nil
        let refused = PullRequestFacts.Stack(name: "dns", digest: "d1", isRefused: true, hasChanges: true)
        let failed = PullRequestFacts.Stack(name: "dns", digest: nil, isRefused: false, hasChanges: false)
        let cases: [([String], String)] = [
            (Self.obstacles(Self.facts(Self.pullRequest(isDraft: true))), "ready for review"),
            (Self.obstacles(Self.facts(Self.pullRequest(state: .closed))), "not open any more"),
            (Self.obstacles(Self.facts(Self.pullRequest(mergeability: .conflicting))), "resolve that"),
            (Self.obstacles(Self.facts(Self.pullRequest(mergeability: .unknown))), "try again"),
            (Self.obstacles(Self.facts(Self.pullRequest(mergeability: .blocked("blocked")))), "would not merge it"),
            (Self.obstacles(Self.facts(isStranger: true)), "stranger's"),
            (Self.obstacles(Self.facts(approval: nil)), "One more approval"),
            (Self.obstacles(behind), "lacks 2 commits"), (Self.obstacles(unplanned), "not planned yet"),
            (Self.obstacles(Self.facts(), stack: refused), "policy refuses"),
            (Self.obstacles(Self.facts(), stack: failed), "could not be planned"),
            (Self.obstacles(Self.facts(), Self.settings { $0.applying = .onMerge }), "merge it"),
            (Self.obstacles(Self.facts(), Self.settings { $0.applying = .off }), "`apply: off`"),
        ]
        for (obstacles, words) in cases {
            #expect(obstacles.count == 1 && obstacles[0].contains(words), "\(words): \(obstacles)")
        }
    }

    @Test func whatIsNotRequiredIsNoObstacle() {
        var facts = Self.facts(Self.pullRequest(mergeability: .conflicting), approval: nil)
        facts.commitsBehind = 9
        #expect(Self.obstacles(facts, Self.settings { $0.requirements = [] }) == [])
    }

    /// A plan that is required by the forge waits for the apply, and the apply for the forge.
    @Test func ourOwnPendingStatusDoesNotBlock() {
        var facts = Self.facts(Self.pullRequest(mergeability: .blocked("unstable")))
        facts.statuses = [
            CommitStatus(name: "plumbline/dns", state: .pending, summary: ""),
            CommitStatus(name: "tests", state: .success, summary: ""),
        ]
        #expect(Self.obstacles(facts) == [])
        facts.statuses.append(CommitStatus(name: "lint", state: .pending, summary: ""))
        #expect(Self.obstacles(facts).count == 1)
        // That may be a review which is missing.
        facts = Self.facts(Self.pullRequest(mergeability: .blocked("blocked")))
        facts.statuses = [CommitStatus(name: "plumbline/dns", state: .pending, summary: "")]
        #expect(Self.obstacles(facts).count == 1)
    }

    // MARK: - Approvals

    @Test(arguments: [
        word(of: "bob"), word(of: "Bob"), word(of: "eve"), word(of: "mallory"),
        word(of: "ada", at: String(repeating: "b", count: 40)), word(of: "ada", digests: ["dns": "d0"]),
        word(of: "ada", digests: ["web": "d1"]), word(of: "ada", digests: [:]),
    ]) func wordsThatDoNotCount(_ word: BoundApproval) {
        let obstacles = Self.obstacles(Self.facts(approval: word))
        #expect(obstacles.count == 1 && obstacles[0].contains("One more approval"), "\(obstacles)")
        #expect(!PullRequestGate(Self.settings()).isApproved(Self.dns, Self.facts(approval: word)))
    }

    @Test func anotherPlanIsNamedBesideTheApprovedOne() {
        let obstacles = Self.obstacles(Self.facts(approval: Self.word(of: "ada", digests: ["dns": "d0"])))
        #expect(obstacles.first?.contains("`ada` has approved was the plan `d0`, and now it is `d1`") == true)
    }

    @Test func teamsMayGiveCommands() {
        let gate = PullRequestGate(Self.settings { $0.allowed = ["Acme/Platform"] })
        func refusal(_ teams: PullRequestFacts.Teams) -> String? {
            gate.refusal(of: .apply, to: .init(name: "ada", permission: .admin, teams: teams), Self.facts())
        }
        #expect(refusal(.init(["acme/platform"])) == nil)
        #expect(refusal(.init(["acme/leads"]))?.contains("`allow`") == true)
        #expect(refusal(.init(unknown: ["Nobody answers."]))?.hasSuffix("here. Nobody answers.") == true)
    }

    @Test func asManyApprovalsAsAreAskedFor() {
        let gate = PullRequestGate(Self.settings { $0.approvals = 2 })
        var facts = Self.facts()
        #expect(!gate.isApproved(Self.dns, facts))
        facts.approvals.append(Self.word(of: "carol"))
        facts.permissions["carol"] = .admin
        #expect(gate.isApproved(Self.dns, facts))
        #expect(gate.approvers(of: "dns", digest: "d1", facts) == ["ada", "carol"])
        #expect(gate.obstaclesToApplying([Self.dns], facts) == [])
    }

    @Test func approvalsStayBoundToWhatTheyWereSaidOf() {
        let approval = Approval(user: Self.ada, commit: Self.head, isStale: false, givenAt: 5)
        func bound(
            _ approvals: [Approval], planned: [String: String]?, known: [BoundApproval], head: String = Self.head
        ) -> [BoundApproval] { BoundApproval.binding(approvals, head: head, planned: planned, known: known) }
        // Before there is a plan, it is bound to none, and stays so when there is one.
        let early = bound([approval], planned: nil, known: [])
        #expect(early.map(\.digests) == [[:]])
        #expect(bound([approval], planned: ["dns": "d1"], known: early) == early)
        let first = bound([approval], planned: ["dns": "d1"], known: [])
        #expect(first.map(\.digests) == [["dns": "d1"]])
        // Another plan of the same commit takes nothing along, however often it is looked at.
        #expect(bound([approval], planned: ["dns": "d2"], known: first) == first)
        #expect(bound([approval], planned: nil, known: first) == first)
        // Said again, it is of what is there now.
        let again = Approval(user: Self.ada, commit: Self.head, isStale: false, givenAt: 9)
        #expect(bound([again], planned: ["dns": "d2"], known: first).map(\.digests) == [["dns": "d2"]])
        // Taken back, stale, or of another commit.
        #expect(bound([], planned: ["dns": "d1"], known: first) == [])
        let stale = Approval(user: Self.ada, commit: Self.head, isStale: true, givenAt: 5)
        #expect(bound([stale], planned: ["dns": "d1"], known: first) == [])
        // Another commit has no approval; when this one comes back, its approval is of what its author saw.
        let other = bound([approval], planned: ["dns": "d1"], known: first, head: String(repeating: "c", count: 40))
        #expect(other == first && other.allSatisfy { $0.commit == Self.head })
        #expect(bound([approval], planned: ["dns": "d3"], known: other) == first)
    }

    // MARK: - Who

    @Test func whoMayGiveCommands() {
        let gate = PullRequestGate(Self.settings())
        let facts = Self.facts()
        func may(_ action: PullRequestCommand.Action, _ name: String, _ permission: Permission) -> Bool {
            gate.refusal(of: action, to: .init(name: name, permission: permission), facts) == nil
        }
        #expect(may(.apply, "ada", .write) && may(.unlock, "ada", .admin) && may(.plan, "ada", .write))
        #expect(!may(.apply, "eve", .read) && !may(.plan, "eve", .read) && !may(.unlock, "eve", .none))
        #expect(may(.help, "eve", .none) && may(.plan, "bob", .read) && !may(.apply, "bob", .read))
        let named = PullRequestGate(Self.settings { $0.allowed = ["Carol"] })
        #expect(named.refusal(of: .apply, to: .init(name: "carol", permission: .read), facts) == nil)
        #expect(named.refusal(of: .apply, to: .init(name: "ada", permission: .admin), facts) != nil)
    }

    @Test func programsAreNotListenedTo() {
        let gate = PullRequestGate(Self.settings { $0.allowed = ["renovate[bot]"] })
        let us = ForgeUser(id: 1, name: "Plumb-Bot")
        func listens(_ name: String) -> Bool { gate.listens(to: ForgeUser(id: 9, name: name), us: us) }
        #expect(listens("ada") && listens("renovate[bot]") && listens("project_manager"))
        #expect(!listens("plumb-bot") && !listens("dependabot[bot]") && !listens("project_12_bot_5f0e"))
    }

    // MARK: - Strangers

    @Test func strangersArePlannedOnlyAfterAMaintainersWord() {
        let facts = Self.facts(isStranger: true)
        let asking = PullRequestGate(Self.settings())
        #expect(asking.obstacleToPlanning(facts, vouched: nil)?.contains("comments `plumb plan`") == true)
        // A word for another commit is none for this one.
        #expect(asking.obstacleToPlanning(facts, vouched: String(repeating: "b", count: 40)) != nil)
        #expect(asking.obstacleToPlanning(facts, vouched: Self.head) == nil)
        // The author cannot vouch for themselves.
        #expect(asking.refusal(of: .plan, to: .init(name: "bob", permission: .read), facts) != nil)
        let never = PullRequestGate(Self.settings { $0.strangers = .never })
        #expect(never.obstacleToPlanning(facts, vouched: Self.head) != nil)
        #expect(never.refusal(of: .plan, to: .init(name: "ada", permission: .admin), facts) != nil)
        #expect(asking.obstacleToPlanning(Self.facts(), vouched: nil) == nil)
        let silent = PullRequestGate(Self.settings { $0.plans = false })
        #expect(silent.obstacleToPlanning(Self.facts(), vouched: nil) != nil)
        #expect(silent.obstacleToPlanning(Self.facts(), vouched: Self.head) == nil)
    }
}
