import Forges
import PlumbModel
import Testing
import ThrowawayServers

/// Statuses, labels and issues: sent where they are news, and nobody else's touched.
@Suite(.enabled(if: PlayedForge.isExpected), .timeLimit(.minutes(3)))
struct StatusTests {
    private let commit = String(repeating: "a", count: 40)

    private func writes(_ world: ForgeWorld) async throws -> Int {
        try await world.seen().filter { !$0.hasPrefix("GET") && $0.contains("/statuses/") }.count
    }

    @Test(arguments: ForgeKind.allCases)
    func onlyNewsAreSent(_ kind: ForgeKind) async throws {
        let world = try await ForgeWorld(kind)
        let writer = StatusWriter(try world.forge())
        let statuses = (0..<130).map { number in
            CommitStatus(
                name: "plumbline/stack-\(number)", state: CommitStatus.State.allCases[number % 4],
                summary: "\(number) to change", url: "https://plumb.example/\(number)")
        }
        #expect(try await writer.write(statuses, of: commit).count == 130)
        #expect(try await writer.write(statuses, of: commit) == [])
        #expect(try await writes(world) == 130)
        let changed = CommitStatus(name: "plumbline/stack-0", state: .success, summary: "Applied", url: nil)
        #expect(try await writer.write([changed] + statuses[1...], of: commit) == ["plumbline/stack-0"])
        let read = try await world.forge().statuses(of: commit)
        #expect(read.count == 130 && read.first?.summary == "Applied" && read.first?.state == .success)
        #expect(try await world.wrongs() == [])
    }

    @Test(arguments: ForgeKind.allCases)
    func longSummariesAreCutBetweenCharacters(_ kind: ForgeKind) async throws {
        let world = try await ForgeWorld(kind)
        let forge = try world.forge()
        let family = "👩‍👩‍👧‍👦"
        let status = CommitStatus(
            name: "plumbline", state: .failure, summary: String(repeating: family, count: 100) + "\nmore")
        _ = try await StatusWriter(forge).write([status], of: commit)
        let read = try await forge.statuses(of: commit).first?.summary ?? ""
        #expect(read.hasSuffix(family + "…") && read.unicodeScalars.count <= forge.limits.statusSummary)
        #expect(try await StatusWriter(forge).write([status], of: commit) == [])
    }

    @Test func gitLabRefusesTheSameStateWithOtherWords() async throws {
        let world = try await ForgeWorld(.gitlab)
        let forge = try world.forge()
        try await forge.setStatus(CommitStatus(name: "plumbline", state: .pending, summary: "One"), of: commit)
        try await forge.setStatus(CommitStatus(name: "plumbline", state: .pending, summary: "Two"), of: commit)
        #expect(try await world.seen().contains { $0.hasSuffix(": 400") })
    }

    @Test(arguments: ForgeKind.allCases)
    func labelsOfOthersStay(_ kind: ForgeKind) async throws {
        let world = try await ForgeWorld(kind)
        try await world.do("pull", [("labels", .tuple([.string("plumb:destroys"), .string("theirs, too")]))])
        let forge = try world.forge()
        let writer = LabelWriter(forge, prefix: "plumb:")
        #expect(try await writer.write(["creates", "changes/2 x"], on: try await forge.pullRequest(7)))
        #expect(try await Set(forge.pullRequest(7).labels) == ["theirs, too", "plumb:creates", "plumb:changes/2 x"])
        #expect(try await !writer.write(["creates", "changes/2 x"], on: try await forge.pullRequest(7)))
        try await forge.removeLabel("plumb:unknown", from: 7)
        #expect(try await world.wrongs() == [])
    }

    @Test(arguments: ForgeKind.allCases)
    func oneIssueForEachMatter(_ kind: ForgeKind) async throws {
        let world = try await ForgeWorld(kind)
        let forge = try world.forge()
        let dns = MarkedIssueWriter(forge, marker: ForgeMarker("drift prod/dns"))
        let web = MarkedIssueWriter(forge, marker: ForgeMarker("drift prod/web"))
        #expect(try await dns.close(saying: "It is gone.") == .nothingOpen)
        guard case .opened(let number) = try await dns.write(title: "Drift", body: "Two places") else {
            Issue.record("it was not opened")
            return
        }
        guard case .opened(let other) = try await web.write(title: "Drift", body: "Two places") else {
            Issue.record("it was not opened")
            return
        }
        #expect(other != number)
        #expect(try await dns.write(title: "Drift", body: "Two places") == .unchanged(number: number))
        #expect(try await dns.write(title: "Drift", body: "Three places") == .edited(number: number))
        try await world.fault("502-after", "POST .*/issues$")
        #expect(try await dns.close(saying: "It is gone.") == .closed(number: number))
        // Once more, and the answer is lost on the way.
        guard case .opened = try await dns.write(title: "Drift", body: "Again") else {
            Issue.record("it was not opened again")
            return
        }
        let open = try await forge.ourOpenIssues()
        #expect(open.count == 2 && open.map(\.body).contains("<!-- plumbline: drift prod/dns -->\nAgain"))
        #expect(try await world.wrongs() == [])
    }

    @Test(arguments: ForgeKind.allCases)
    func dryRunWritesNothing(_ kind: ForgeKind) async throws {
        let world = try await ForgeWorld(kind)
        try await world.do("pull")
        let notes = Notes()
        let forge = RecordingForge(try world.forge()) { notes.add($0) }
        let comment = MarkedCommentWriter(forge, marker: ForgeMarker("plan"))
        guard case .created(let id) = try await comment.write("One", on: 7) else {
            Issue.record("it was not created")
            return
        }
        #expect(try await comment.write("Two", on: 7) == .edited(id: id))
        #expect(try await comment.write("Two", on: 7) == .unchanged(id: id))
        let status = CommitStatus(name: "plumbline", state: .success, summary: "Fine")
        #expect(try await StatusWriter(forge).write([status], of: commit) == ["plumbline"])
        #expect(try await StatusWriter(forge).write([status], of: commit) == [])
        _ = try await LabelWriter(forge, prefix: "plumb:").write(["creates"], on: try await forge.pullRequest(7))
        let issue = MarkedIssueWriter(forge, marker: ForgeMarker("drift"))
        _ = try await issue.write(title: "Drift", body: "Here")
        _ = try await issue.close(saying: "Gone")
        let name = kind == .gitlab ? "!7" : "#7"
        let titles = notes.all.map(\.title)
        #expect(titles.first == "comment on \(name)" && notes.all.first?.body == "<!-- plumbline: plan -->\nOne")
        #expect(titles.contains("status plumbline of aaaaaaaaaaaa: success, Fine"))
        #expect(titles.contains("labels added to \(name): plumb:creates") && titles.contains("issue opened: Drift"))
        #expect(try await world.seen().allSatisfy { $0.hasPrefix("GET") })
    }
}
