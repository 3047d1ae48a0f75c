import Forges
import HTTPTransport
import PlumbModel
import PullRequests
import Testing
import ThrowawayServers

@testable import Reconciling

/// Who is in a team, as a controller believes it for a while.
@Suite(.enabled(if: PlayedForge.isExpected, "the forges' models are not installed"))
struct TeamMembershipsTests {
    private func put(_ members: [String], into team: String) async throws {
        let asked: Value = [
            "do": "team", "name": .string(team), "members": .tuple(members.map { .string($0) }),
        ]
        let request = HTTPRequest(
            "POST", "http://127.0.0.1:\(try await PlayedForge.github.port())/_do/acme/infra",
            body: Array(asked.json.utf8))
        let answer = try await HTTPClient(HTTPClient.Settings(proxy: .none)).send(request)
        #expect(answer.status == 200)
    }

    @Test func anAnswerHoldsForAMinute() async throws {
        let team = "acme/team-\(UInt32.random(in: 0...UInt32.max))"
        let forge = try ForgeKind.github.open(
            ForgeSettings(
                api: try await PlayedForge.github.api(), repository: "acme/infra",
                credentials: .token(PlayedForge.token),
                http: HTTPClient.Settings(proxy: .none)))
        let memberships = TeamMemberships()
        func teams(at now: Double) async throws -> Set<String> {
            let found = try await memberships.teams(
                of: ForgeUser(id: 2, name: "ada"), among: ["bob", team], at: forge, of: "infra", now: now)
            return found.names
        }
        let none = try await memberships.teams(
            of: ForgeUser(id: 2, name: "ada"), among: [team], at: forge, of: "infra", now: 0)
        #expect(none.names == [] && none.unknown.count == 1 && none.unknown[0].contains("cannot be told"))
        try await put(["ada"], into: team)
        // That it could not be told is not remembered.
        #expect(try await teams(at: 1000) == [team])
        try await put([], into: team)
        #expect(try await teams(at: 1059) == [team])
        #expect(try await teams(at: 1060) == [])
        // Nor is anything believed after the clock was set back.
        try await put(["ada"], into: team)
        #expect(try await teams(at: 900) == [team])
    }
}
