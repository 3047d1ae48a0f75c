import Forges
import PlumbModel
import Testing
import ThrowawayServers

/// What is read of pull requests, at each forge.
@Suite(.enabled(if: PlayedForge.isExpected), .timeLimit(.minutes(3)))
struct PullRequestTests {
    private let commit = String(repeating: "a", count: 40)

    /// Each forge's clock is its own.
    private func untimed(_ approvals: [Approval]) -> [Approval] {
        #expect(approvals.allSatisfy { ($0.givenAt ?? 0) > 1_700_000_000 })
        return approvals.map { Approval(user: $0.user, commit: $0.commit, isStale: $0.isStale) }
    }

    @Test(arguments: ForgeKind.allCases)
    func pullRequestIsRead(_ kind: ForgeKind) async throws {
        let world = try await ForgeWorld(kind)
        try await world.do("pull", [("labels", .tuple([.string("ours"), .string("theirs")])), ("draft", .bool(true))])
        let pull = try await world.forge().pullRequest(7)
        #expect(pull.number == 7 && pull.title == "Change it" && pull.author == ForgeUser(id: 3, name: "bob"))
        #expect(pull.state == .open && pull.isDraft && !pull.isFromFork)
        #expect(pull.head == PullRequest.Head(branch: "change", commit: commit, repository: world.repository))
        #expect(pull.base == PullRequest.Base(branch: "main", commit: String(repeating: "b", count: 40)))
        #expect(pull.labels == ["ours", "theirs"] && pull.mergeCommit == nil)
        let words: [ForgeKind: String] = [.gitlab: "draft_status", .gitea: "draft"]
        #expect(pull.mergeability == words[kind].map { .blocked($0) } ?? .mergeable)
        #expect(pull.url.contains("/7"))
        #expect(try await world.wrongs() == [])
    }

    @Test(arguments: ForgeKind.allCases)
    func strangersAreTold(_ kind: ForgeKind) async throws {
        let world = try await ForgeWorld(kind)
        try await world.do(
            "pull",
            [
                ("fork", .bool(true)), ("who", .string("eve")), ("association", .string("FIRST_TIMER")),
                ("first", .bool(true)),
            ])
        let forge = try world.forge()
        let pull = try await forge.pullRequest(7)
        #expect(pull.isFromFork && pull.head.repository == (kind == .gitlab ? nil : "eve/fork"))
        #expect(try await forge.standing(ofAuthorOf: pull) == .firstTime)
        #expect(try await forge.permission(of: pull.author) == .none)
        // The fork is deleted: nobody must take it for the repository's own.
        try await world.do("pull", [("fork", .bool(true)), ("gone", .bool(true)), ("who", .string("eve"))])
        #expect(try await forge.pullRequest(7).isFromFork)
        #expect(try await world.wrongs() == [])
    }

    @Test(arguments: ForgeKind.allCases)
    func permissionsAreRead(_ kind: ForgeKind) async throws {
        let world = try await ForgeWorld(kind)
        let forge = try world.forge()
        #expect(try await forge.permission(of: ForgeUser(id: 2, name: "ada")) == .admin)
        #expect(try await forge.permission(of: ForgeUser(id: 3, name: "bob")) == .write)
        #expect(try await forge.permission(of: ForgeUser(id: 4, name: "eve")) == .none)
        #expect(try await forge.permission(of: ForgeUser(id: 99, name: "nobody")) == .none)
        #expect(try await forge.ourselves() == ForgeUser(id: 1, name: "plumb-bot"))
        #expect(try await world.wrongs() == [])
    }

    @Test(arguments: ForgeKind.allCases)
    func filesOfAllPages(_ kind: ForgeKind) async throws {
        let world = try await ForgeWorld(kind)
        var files: [Value] = (0..<250).map {
            .object(["path": .string("dns/\($0).yaml"), "change": .string("modified")])
        }
        files.append(
            .object(["path": .string("new.yaml"), "former": .string("old.yaml"), "change": .string("renamed")]))
        files.append(.object(["path": .string("gone.yaml"), "change": .string("deleted")]))
        try await world.do("pull", [("files", .tuple(files))])
        let forge = try world.forge()
        let changed = try await forge.changedFiles(of: try await forge.pullRequest(7))
        #expect(changed.files.count == 252 && changed.isComplete)
        #expect(changed.files[250] == ChangedFiles.File(path: "new.yaml", formerPath: "old.yaml", change: .renamed))
        #expect(changed.files[251].change == .removed && changed.paths.count == 253)
        if kind == .gitlab {
            try await world.do("pull", [("files", .tuple(files)), ("more_files", .bool(true))])
            #expect(try await !forge.changedFiles(of: try await forge.pullRequest(7)).isComplete)
        }
        #expect(try await world.wrongs() == [])
    }

    @Test(arguments: ForgeKind.allCases)
    func approvalsOfFormerCommitsAreStale(_ kind: ForgeKind) async throws {
        let world = try await ForgeWorld(kind)
        try await world.do("pull")
        let forge = try world.forge()
        #expect(try await untimed(forge.approvals(of: try await forge.pullRequest(7))) == [])
        try await world.do("review", [("number", .number(7)), ("who", .string("ada")), ("state", .string("APPROVED"))])
        if kind != .gitlab {
            try await world.do(
                "review", [("number", .number(7)), ("who", .string("ada")), ("state", .string("COMMENT"))])
            try await world.do(
                "review", [("number", .number(7)), ("who", .string("eve")), ("state", .string("APPROVED"))])
            try await world.do(
                "review", [("number", .number(7)), ("who", .string("eve")), ("state", .string("CHANGES_REQUESTED"))])
        }
        let ada = ForgeUser(id: 2, name: "ada")
        #expect(
            try await untimed(forge.approvals(of: try await forge.pullRequest(7))) == [
                Approval(user: ada, commit: commit, isStale: false)
            ])
        let next = String(repeating: "d", count: 40)
        try await world.do("push", [("number", .number(7)), ("commit", .string(next))])
        #expect(
            try await untimed(forge.approvals(of: try await forge.pullRequest(7))) == [
                Approval(user: ada, commit: commit, isStale: true)
            ])
        try await world.do("review", [("number", .number(7)), ("who", .string("ada")), ("state", .string("APPROVED"))])
        #expect(
            try await untimed(forge.approvals(of: try await forge.pullRequest(7))) == [
                Approval(user: ada, commit: next, isStale: false)
            ])
        #expect(try await world.wrongs() == [])
    }

    @Test(arguments: ForgeKind.allCases)
    func mergeabilityAndWhatIsMissing(_ kind: ForgeKind) async throws {
        let world = try await ForgeWorld(kind)
        let forge = try world.forge()
        try await world.do("pull", [("mergeable", .bool(false))])
        #expect(try await forge.pullRequest(7).mergeability == .conflicting)
        #expect(try await forge.settledPullRequest(7, pause: .milliseconds(10)).mergeability == .conflicting)
        let words: [ForgeKind: String] = [.github: "blocked", .gitlab: "not_approved"]
        if let word = words[kind] {
            try await world.do("pull", [("blocked", .string(word))])
            #expect(try await forge.pullRequest(7).mergeability == .blocked(word))
        } else {
            try await world.do("pull", [("draft", .bool(true))])
            #expect(try await forge.pullRequest(7).mergeability == .blocked("draft"))
        }
        try await world.do("pull", [("mergeable", .null)])
        #expect(try await forge.settledPullRequest(7, pause: .milliseconds(10)).mergeability == .mergeable)
        try await world.do("pull")
        try await world.do("set", [("ahead", .number(3))])
        #expect(try await forge.commitsBehind(try await forge.pullRequest(7)) == 3)
        try await world.do("pull", [("state", .string("merged")), ("merge_commit", .string("e"))])
        #expect(try await forge.pullRequest(7).state == .merged)
        #expect(try await forge.pullRequest(7).mergeCommit == "e")
        try await world.do("pull", [("number", .number(8))])
        #expect(try await forge.openPullRequests().map(\.number) == [8])
        #expect(try await world.wrongs() == [])
    }

    @Test(arguments: ForgeKind.allCases)
    func whoIsInATeam(_ kind: ForgeKind) async throws {
        let world = try await ForgeWorld(kind)
        let forge = try world.forge()
        let name = "team-\(UInt32.random(in: 0...UInt32.max))"
        try await world.do("team", [("name", .string("acme/\(name)")), ("members", .tuple([.string("ada")]))])
        let (ada, eve) = (ForgeUser(id: 2, name: "ada"), ForgeUser(id: 4, name: "eve"))
        #expect(try await forge.isMember(ada, of: "acme/\(name)"))
        #expect(try await forge.isMember(ForgeUser(id: 0, name: "ada"), of: "acme/\(name)"))
        #expect(try await !forge.isMember(eve, of: "acme/\(name)"))
        // That nobody is in a team that is not there is no answer.
        let error = await #expect(throws: ForgeError.self) { try await forge.isMember(ada, of: "acme/none-\(name)") }
        #expect(error?.code == .missing && error?.message.contains("the token may not see it") == true)
        #expect(try await world.wrongs() == [])
    }

    @Test func whatIsNotThereIsMissing() async throws {
        for kind in ForgeKind.allCases {
            let world = try await ForgeWorld(kind)
            let forge = try world.forge()
            let error = await #expect(throws: ForgeError.self) { try await forge.pullRequest(99) }
            #expect(error?.code == .missing && error?.message.contains("the token may not see it") == true)
        }
    }

    @Test func whatHasNotChangedIsNotSentAgain() async throws {
        let world = try await ForgeWorld(.github)
        try await world.do("pull")
        let forge = try world.forge()
        let first = try await forge.pullRequest(7)
        #expect(try await forge.pullRequest(7) == first)
        #expect(try await world.seen().map { String($0.suffix(3)) } == ["200", "304"])
        try await world.do("pull", [("title", .string("Another"))])
        #expect(try await forge.pullRequest(7).title == "Another")
    }
}
