import Foundation
import GitFixtures
import PlumbModel
import PostgreSQLFixtures
import Testing
import ThrowawayServers

/// Several controllers on one database, and the pull requests of one repository.
@Suite(
    .enabled(if: PostgreSQLServer.isExpected),
    .enabled(if: PlayedForge.isExpected, "the forges' models are not installed"),
    .timeLimit(.minutes(4)))
struct PullRequestCrowdTests {
    /// So many that hardly ever all fall to one of two controllers.
    private static let numbers = Array(1...7)

    @Test func eachPullRequestIsWorkedOnOnceAndOneThatIsKilledIsSucceeded() async throws {
        let server = try await PostgreSQLServer.shared()
        var files: [String: String] = [:]
        for number in Self.numbers {
            files["stacks/s\(number)/stack.yaml"] = "stack: s\(number)\n"
            files["stacks/s\(number)/main.yaml"] = ControllerSite.file("f\(number)", "base")
        }
        let forge = try await ForgeSite(
            files, "{apply: on_comment, requirements: []}", environment: ["PLUMB_STATE_URL": server.url],
            state: "{postgres: {url: \"${env.PLUMB_STATE_URL}\", schema: \"\(server.newSchema())\"}}")
        let first = try forge.site.start(deadline: 200)
        let second = try forge.site.start(deadline: 200)
        for number in Self.numbers { try await forge.site.wait("f\(number)", is: "base") }
        // Until each knows of the other.
        try await Task.sleep(for: .seconds(6))
        for number in Self.numbers {
            let file = ["stacks/s\(number)/main.yaml": ControllerSite.file("f\(number)", "proposed \(number)")]
            try await forge.open(number, try forge.push(number, file))
        }
        for number in Self.numbers {
            try await forge.awaitComment(number, "s\(number)", "to change")
            try await forge.comment(number, "ada", "plumb help")
            try await forge.comment(number, "ada", "plumb apply")
        }
        for number in Self.numbers { try await forge.site.wait("f\(number)", is: "proposed \(number)") }
        for number in Self.numbers {
            try await forge.awaitComment(number, "## Applied")
            try await forge.awaitComment(number, "Shows this.")
        }
        for number in Self.numbers { #expect(try await forge.comments(number).count == 3) }
        first.send(SIGKILL)
        for number in Self.numbers { try await forge.comment(number, "ada", "plumb unlock") }
        for number in Self.numbers {
            try await forge.site.wait("the base branch's f\(number)", seconds: 60) {
                forge.site.content("f\(number)") == "base"
            }
        }
        second.send(SIGTERM)
        let (killed, survivor) = (await first.result(), await second.result())
        #expect(survivor.code == 0, "\(survivor.errors)")
        // Both had some of them.
        for result in [killed, survivor] { #expect(try !result.logged("pull request").isEmpty) }
        #expect(try await forge.wrongs() == [])
    }
}
