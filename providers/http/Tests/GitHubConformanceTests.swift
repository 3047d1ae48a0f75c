import HTTPTransport
import PlumbModel
import ProviderAPI
import ProviderTesting
import Testing
import ThrowawayServers

/// Every type of `apis/github.yaml` against GitHub as its published description has it: the real one cannot run here. What
/// is sent is held against the description's schemas, what comes back has the shape of its examples.
@Suite(.serialized) struct GitHubConformanceTests {
    static let api: TestedAPI = TestedAPI(
        name: "github", server: { try .described(.github, [("variables", .map(["owner": "acme"]))]) })

    static let repositories: ProviderConformance = api.conformance(
        "github_repository",
        declared: {
            [
                "name": .string("\($0)-Tools"), "description": "tools", "visibility": "public",
                "topics": ["Swift", "infrastructure"], "auto_init": true,
            ]
        },
        inPlace: {
            [
                "name": .string("\($0)-renamed"), "visibility": "private", "topics": ["swift"], "has_wiki": false,
                "allow_merge_commit": false, "delete_branch_on_merge": true, "auto_init": true,
            ]
        },
        drifts: [
            Drift("somebody changes the description") {
                try await api.demand("PATCH", place($0), ["description": "somebody's"])
            },
            Drift("somebody archives it") { try await api.demand("PATCH", place($0), ["archived": true]) },
        ],
        place: { place($0) }, importID: { $0.text("name") }, unimportable: ["name", "topics", "auto_init"])

    static let invited: ProviderConformance = collaborators("guest")
    static let members: ProviderConformance = collaborators("member")

    static let teams: ProviderConformance = api.conformance(
        "github_team_repository",
        declared: { ["team_slug": .string($0), "repository": "shared", "permission": "push"] },
        inPlace: { ["team_slug": .string($0), "repository": "shared", "permission": "maintain"] },
        replacement: { ["team_slug": .string("\($0)-other"), "repository": "shared"] },
        drifts: [
            Drift("somebody takes it away") {
                try await api.demand("DELETE", "/orgs/acme/teams/\($0.text("team_slug"))/repos/acme/shared")
            }
        ],
        place: { "/orgs/acme/teams/\($0.text("team_slug"))/repos/acme/shared" },
        importID: { "\($0.text("team_slug"))/shared" })

    static let protections: ProviderConformance = api.conformance(
        "github_branch_protection",
        declared: {
            [
                "repository": "shared", "branch": .string($0), "required_status_checks": ["test", "build"],
                "required_approving_review_count": 1, "enforce_admins": true,
            ]
        },
        inPlace: {
            [
                "repository": "shared", "branch": .string($0), "required_linear_history": true,
                "dismiss_stale_reviews": true,
            ]
        },
        replacement: { ["repository": "shared", "branch": .string("\($0)-other")] },
        drifts: [
            Drift("somebody removes it") { try await api.demand("DELETE", protection($0)) }
        ],
        place: { protection($0) }, importID: { "shared/\($0.text("branch"))" })

    @Test(arguments: repositories.checks) func repository(_ check: ConformanceCheck) async throws {
        try await Self.repositories.run(check)
    }

    @Test(arguments: invited.checks) func invitedCollaborator(_ check: ConformanceCheck) async throws {
        try await makeShared()
        try await Self.invited.run(check)
    }

    @Test(arguments: members.checks) func collaborator(_ check: ConformanceCheck) async throws {
        try await makeShared()
        try await Self.members.run(check)
    }

    @Test(arguments: teams.checks) func team(_ check: ConformanceCheck) async throws {
        try await makeShared()
        try await Self.teams.run(check)
    }

    @Test(arguments: protections.checks) func branchProtection(_ check: ConformanceCheck) async throws {
        try await makeShared()
        try await Self.protections.run(check)
    }

    /// GitHub counts no request that is answered by 304.
    @Test func aRefreshAsksByETag() async throws {
        let type = try await Self.api.instance().type("github_repository")
        let state = try await type.apply([("name", "asked-by-etag")])
        let first = try #require(try await type.read(state))
        let second = try #require(try await type.read(first))
        #expect(second == first)
        try await Self.api.demand("PATCH", "/repos/acme/asked-by-etag", ["description": "new"])
        let third = try await type.read(second)
        #expect(third?.text("description") == "new")
        try await type.delete(DeleteRequest(prior: second, intent: "x"))
    }

    private func makeShared() async throws {
        try await Self.api.ask("POST", "/orgs/acme/repos", ["name": "shared", "visibility": "private"])
    }

    private static func collaborators(_ kind: String) -> ProviderConformance {
        api.conformance(
            "github_repository_collaborator",
            declared: { ["repository": "shared", "username": .string("\(kind)\($0)"), "permission": "push"] },
            inPlace: { ["repository": "shared", "username": .string("\(kind)\($0)"), "permission": "admin"] },
            replacement: { ["repository": "shared", "username": .string("\(kind)\($0)-other")] },
            drifts: [
                Drift("somebody changes the permission") { state in
                    try await api.demand(
                        "PUT", "/repos/acme/shared/collaborators/\(state.text("username"))", ["permission": "triage"])
                }
            ],
            exists: { state in
                let members = try await api.ask("GET", "/repos/acme/shared/collaborators").body.asList ?? []
                let invited = try await api.ask("GET", "/repos/acme/shared/invitations").body.asList ?? []
                let names = members.map { $0[key: "login"] } + invited.map { $0[key: "invitee"]?[key: "login"] }
                return names.contains(state.values[key: "username"])
            },
            importID: { "shared/\($0.text("username"))" })
    }

    private static func place(_ state: ResourceState) -> String { "/repos/acme/\(state.text("name"))" }

    private static func protection(_ state: ResourceState) -> String {
        "/repos/acme/shared/branches/\(state.text("branch"))/protection"
    }
}
