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
                "topics": ["Swift", "infrastructure"], "auto_init": true, "license_template": "apache-2.0",
                "allow_squash_merge": false, "default_branch": "main", "allow_update_branch": true,
            ]
        },
        inPlace: {
            [
                "name": .string("\($0)-renamed"), "visibility": "private", "topics": ["swift"], "has_wiki": false,
                "allow_merge_commit": false, "delete_branch_on_merge": true, "auto_init": true,
                "squash_merge_commit_title": "PR_TITLE", "squash_merge_commit_message": "PR_BODY",
                "allow_update_branch": true, "web_commit_signoff_required": true,
            ]
        },
        drifts: [
            Drift("somebody changes the description") {
                try await api.demand("PATCH", place($0), ["description": "somebody's"])
            },
            Drift("somebody archives it") { try await api.demand("PATCH", place($0), ["archived": true]) },
        ],
        place: { place($0) }, importID: { $0.text("name") },
        unimportable: ["name", "topics", "auto_init", "license_template"])

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
                "dismiss_stale_reviews": true, "require_last_push_approval": true, "lock_branch": true,
                "restrict_pushes": true, "push_users": ["me"], "push_teams": ["developers", "admins"],
            ]
        },
        replacement: { ["repository": "shared", "branch": .string("\($0)-other")] },
        drifts: [
            Drift("somebody removes it") { try await api.demand("DELETE", protection($0)) }
        ],
        place: { protection($0) }, importID: { "shared/\($0.text("branch"))" })

    static let rulesets: ProviderConformance = api.conformance(
        "github_repository_ruleset",
        declared: {
            [
                "repository": "shared", "name": .string($0), "exclude": ["refs/heads/try/*"],
                "bypass_actors": [["actor_type": "RepositoryRole", "actor_id": 5]],
                "rules": [["type": "deletion"], ["type": "pull_request", "parameters": reviews]],
            ]
        },
        inPlace: {
            [
                "repository": "shared", "name": .string("\($0)-other"), "include": ["~ALL"], "enforcement": "disabled",
                "rules": [["type": "non_fast_forward"]],
            ]
        },
        replacement: {
            ["repository": "shared", "name": .string($0), "target": "tag", "rules": [["type": "creation"]]]
        },
        drifts: [
            Drift("somebody adds a rule") { state in
                try await api.demand(
                    "PUT", "/repos/acme/shared/rulesets/\(state.text("id"))",
                    [
                        "name": .string(state.text("name")),
                        "rules": [
                            ["type": "deletion"], ["type": "pull_request", "parameters": reviews],
                            ["type": "required_signatures"],
                        ],
                    ])
            }
        ],
        place: { "/repos/acme/shared/rulesets/\($0.text("id"))" }, importID: { "shared/\($0.text("id"))" },
        // An import knows what GitHub has added.
        unimportable: ["rules"])

    static let environments: ProviderConformance = api.conformance(
        "github_repository_environment",
        declared: {
            [
                "repository": "shared", "name": .string($0), "wait_timer": 30, "prevent_self_review": true,
                "reviewers": [["type": "Team", "id": 7], ["type": "User", "id": 1]],
            ]
        },
        inPlace: { ["repository": "shared", "name": .string($0), "branches": "protected"] },
        replacement: { ["repository": "shared", "name": .string("\($0)-other"), "branches": "custom"] },
        drifts: [
            Drift("somebody lifts all conditions") { state in
                try await api.demand(
                    "PUT", "/repos/acme/shared/environments/\(state.text("name"))",
                    [
                        "wait_timer": 0, "prevent_self_review": false, "reviewers": .null,
                        "deployment_branch_policy": .null,
                    ])
            }
        ],
        place: { "/repos/acme/shared/environments/\($0.text("name"))" }, importID: { "shared/\($0.text("name"))" })

    static let webhooks: ProviderConformance = api.conformance(
        "github_repository_webhook",
        declared: {
            [
                "repository": "shared", "url": .string("https://example.com/\($0)"), "secret": "one",
                "events": ["push", "pull_request"],
            ]
        },
        inPlace: {
            [
                "repository": "shared", "url": .string("https://example.com/\($0)"), "secret": "two",
                "content_type": "json", "active": false,
            ]
        },
        drifts: [
            Drift("somebody makes it tell more") {
                try await api.demand(
                    "PATCH", "/repos/acme/shared/hooks/\($0.text("id"))",
                    ["events": ["*"], "config": ["url": .string($0.text("url"))]])
            }
        ],
        place: { "/repos/acme/shared/hooks/\($0.text("id"))" }, importID: { "shared/\($0.text("id"))" },
        unimportable: ["secret"])

    static let deployKeys: ProviderConformance = api.conformance(
        "github_repository_deploy_key",
        declared: {
            ["repository": "shared", "title": .string($0), "key": .string("ssh-ed25519 \($0) me@example\n")]
        },
        replacement: {
            [
                "repository": "shared", "title": .string($0), "key": .string("ssh-ed25519 other\($0)"),
                "read_only": false,
            ]
        },
        drifts: [
            Drift("somebody deletes it") {
                try await api.demand("DELETE", "/repos/acme/shared/keys/\($0.text("id"))")
            }
        ],
        place: { "/repos/acme/shared/keys/\($0.text("id"))" }, importID: { "shared/\($0.text("id"))" },
        unimportable: ["key"])

    static let variables: ProviderConformance = api.conformance(
        "github_actions_variable",
        declared: { ["repository": "shared", "name": .string(variable($0)), "value": "one"] },
        inPlace: { ["repository": "shared", "name": .string(variable($0)), "value": "two"] },
        replacement: { ["repository": "shared", "name": .string(variable($0) + "_other"), "value": "one"] },
        drifts: [
            Drift("somebody changes it") {
                try await api.demand(
                    "PATCH", "/repos/acme/shared/actions/variables/\($0.text("name"))", ["value": "somebody's"])
            }
        ],
        place: { "/repos/acme/shared/actions/variables/\($0.text("name"))" },
        importID: { "shared/\($0.text("name"))" }, unimportable: ["name"])

    @Test(arguments: rulesets.checks) func ruleset(_ check: ConformanceCheck) async throws {
        try await makeShared()
        try await Self.rulesets.run(check)
    }

    @Test(arguments: environments.checks) func environment(_ check: ConformanceCheck) async throws {
        try await makeShared()
        try await Self.environments.run(check)
    }

    @Test(arguments: webhooks.checks) func webhook(_ check: ConformanceCheck) async throws {
        try await makeShared()
        try await Self.webhooks.run(check)
    }

    @Test(arguments: deployKeys.checks) func deployKey(_ check: ConformanceCheck) async throws {
        try await makeShared()
        try await Self.deployKeys.run(check)
    }

    @Test(arguments: variables.checks) func actionsVariable(_ check: ConformanceCheck) async throws {
        try await makeShared()
        try await Self.variables.run(check)
    }

    @Test func secretsAreToldByName() async throws {
        try await makeShared()
        let instance = try await Self.api.instance()
        let type = try #require(instance.dataTypes.first { $0.name == "github_actions_secrets" })
        let secrets = try await type.read(["repository": "Shared", "names": .null])
        #expect(secrets[key: "names"] == .list(["GH_TOKEN"]))
        await instance.close()
    }

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

    private static let reviews: Value = [
        "dismiss_stale_reviews_on_push": true, "require_code_owner_review": false, "require_last_push_approval": false,
        "required_approving_review_count": 1, "required_review_thread_resolution": true,
    ]

    /// Names of variables have no hyphens.
    private static func variable(_ unique: String) -> String { unique.replacing("-", with: "_") }

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
