import Forges
import PlumbModel
import Testing
import ThrowawayServers

/// The one comment of ours, whatever happens to it.
@Suite(.enabled(if: PlayedForge.isExpected), .timeLimit(.minutes(3)))
struct CommentTests {
    private func world(_ kind: ForgeKind, name: String = #function) async throws -> ForgeWorld {
        let world = try await ForgeWorld(kind, name: name)
        try await world.do("pull")
        return world
    }

    private func bodies(_ world: ForgeWorld) async throws -> [String] {
        try await world.shown("comments").elements.map { $0["body"].string }
    }

    @Test(arguments: ForgeKind.allCases)
    func isWrittenOnceAndEditedInPlace(_ kind: ForgeKind) async throws {
        let world = try await world(kind)
        let marker = ForgeMarker("plan")
        // Somebody quotes us, and somebody says what we would.
        for _ in 0..<120 {
            try await world.do(
                "comment", [("number", .number(7)), ("who", .string("eve")), ("body", .string(marker.text + "\nmine"))])
        }
        let writer = MarkedCommentWriter(try world.forge(), marker: marker)
        guard case .created(let id) = try await writer.write("First", on: 7) else {
            Issue.record("it was not created")
            return
        }
        #expect(try await writer.write("First", on: 7) == .unchanged(id: id))
        #expect(try await writer.write("Second\n\nline", on: 7) == .edited(id: id))
        #expect(
            try await MarkedCommentWriter(try world.forge(), marker: marker).write("Second\n\nline", on: 7)
                == .unchanged(id: id))
        let all = try await bodies(world)
        #expect(all.count == 121 && all.last == "<!-- plumbline: plan -->\nSecond\n\nline")
        try await writer.delete(on: 7)
        #expect(try await bodies(world).count == 120)
        #expect(try await world.wrongs() == [])
    }

    @Test(arguments: ForgeKind.allCases)
    func deletedBetweenLookAndEdit(_ kind: ForgeKind) async throws {
        let world = try await world(kind)
        let writer = MarkedCommentWriter(try world.forge(), marker: ForgeMarker("plan"))
        _ = try await writer.write("First", on: 7)
        try await world.fault("deleted", "(PATCH|PUT) .*(comments|notes)/")
        guard case .created = try await writer.write("Second", on: 7) else {
            Issue.record("it was not created anew")
            return
        }
        #expect(try await bodies(world) == ["<!-- plumbline: plan -->\nSecond"])
    }

    @Test(arguments: ForgeKind.allCases)
    func manyAtOnceLeaveOne(_ kind: ForgeKind) async throws {
        let world = try await world(kind)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for run in 0..<6 {
                let forge = try world.forge()
                group.addTask {
                    _ = try await MarkedCommentWriter(forge, marker: ForgeMarker("plan")).write("Run \(run)", on: 7)
                }
            }
            try await group.waitForAll()
        }
        let left = try await bodies(world)
        #expect(left.count == 1 && left.first?.hasPrefix("<!-- plumbline: plan -->\nRun ") == true)
        #expect(try await world.wrongs() == [])
    }

    @Test(arguments: ForgeKind.allCases)
    func duplicatesOfFormerRunsGo(_ kind: ForgeKind) async throws {
        let world = try await world(kind)
        for body in ["Old", "Older"] {
            try await world.do(
                "comment",
                [
                    ("number", .number(7)), ("who", .string("plumb-bot")),
                    ("body", .string("<!-- plumbline: plan -->\n\(body)")),
                ])
        }
        let writer = MarkedCommentWriter(try world.forge(), marker: ForgeMarker("plan"))
        guard case .edited = try await writer.write("New", on: 7) else {
            Issue.record("the oldest was not kept")
            return
        }
        #expect(try await bodies(world) == ["<!-- plumbline: plan -->\nNew"])
    }

    @Test(arguments: ForgeKind.allCases)
    func lostAnswerToCreationMakesNoSecondOne(_ kind: ForgeKind) async throws {
        let world = try await world(kind)
        let writer = MarkedCommentWriter(try world.forge(), marker: ForgeMarker("plan"))
        try await world.fault("502-after", "POST .*(comments|notes)$")
        guard case .created = try await writer.write("First", on: 7) else {
            Issue.record("it was created")
            return
        }
        #expect(try await bodies(world).count == 1)
        try await writer.delete(on: 7)
        // And one that did nothing is made up for.
        try await world.fault("502", "POST .*(comments|notes)$")
        _ = try await writer.write("First", on: 7)
        #expect(try await bodies(world).count == 1)
    }

    @Test func tooLongIsRefusedBeforeItIsSent() async throws {
        let world = try await world(.github)
        let writer = MarkedCommentWriter(try world.forge(), marker: ForgeMarker("plan"))
        let marker = ForgeMarker("plan").text.count + 1
        _ = try await writer.write(String(repeating: "é", count: 65_536 - marker), on: 7)
        let error = await #expect(throws: ForgeError.self) {
            try await writer.write(String(repeating: "é", count: 65_537 - marker), on: 7)
        }
        #expect(error?.code == .invalid && error?.message.contains("65537 characters, and GitHub takes 65536") == true)
    }

    @Test(arguments: ForgeKind.allCases)
    func newCommentsAndReactions(_ kind: ForgeKind) async throws {
        let world = try await world(kind)
        let forge = try world.forge()
        for number in 0..<130 {
            try await world.do(
                "comment", [("number", .number(7)), ("who", .string("bob")), ("body", .string("plumb help \(number)"))])
        }
        let all = try await forge.comments(on: 7, since: nil)
        #expect(all.map(\.body) == (0..<130).map { "plumb help \($0)" })
        let since = all[127].createdAt
        #expect(
            try await forge.comments(on: 7, since: since).map(\.body) == [
                "plumb help 127", "plumb help 128", "plumb help 129",
            ])
        try await forge.react(.seen, to: all[129].id, on: 7)
        try await forge.react(.seen, to: all[129].id, on: 7)
        #expect(try await world.shown("reactions").elements.map { $0["content"].string } == ["eyes"])
        #expect(try await world.wrongs() == [])
    }

    @Test func markersCannotBeEndedEarly() {
        #expect(ForgeMarker("a --> <script>").text == "<!-- plumbline: a - - script -->")
        #expect(ForgeMarker("prod/dns").text == "<!-- plumbline: prod/dns -->")
    }
}
