import HTTPTransport
import PlumbModel
import ProviderAPI
import ProviderTesting
import Testing
import ThrowawayServers

/// Every type of `apis/keystone.yaml` against a real Keystone. One test at a time, as the server answers one request. What
/// meets faults is no request for a token.
@Suite(
    .serialized, .timeLimit(.minutes(10)),
    .enabled(if: ThrowawayServer.keystone.isExpected, "Keystone is not installed"))
struct KeystoneConformanceTests {
    static let api: TestedAPI = TestedAPI(
        name: "keystone",
        server: {
            let server = try await ThrowawayServer.keystone.environment()
            let url = server["OS_AUTH_URL"] ?? ""
            return TestedAPI.Server(
                url: url, headers: ["X-Auth-Token": try await token.get(url, server["OS_PASSWORD"] ?? "")],
                key: server["OS_PASSWORD"])
        })
    private static let token = KeystoneToken()

    static let domains: ProviderConformance = api.conformance(
        "keystone_domain",
        declared: { ["name": .string($0), "description": "a test"] },
        inPlace: { ["name": .string("\($0)-other"), "enabled": false] },
        drifts: [
            Drift("somebody changes the description") {
                try await api.demand(
                    "PATCH", "/domains/\($0.text("id"))", ["domain": ["description": "somebody's"]])
            }
        ],
        place: { "/domains/\($0.text("id"))" }, importID: { $0.text("name") },
        faultyRequest: "POST /v3/domains")

    static let projects: ProviderConformance = api.conformance(
        "keystone_project",
        declared: { ["name": .string($0), "description": "a test", "tags": ["b", "a"]] },
        inPlace: { ["name": .string("\($0)-other"), "enabled": false, "tags": ["c"]] },
        replacement: { ["name": .string($0), "domain_id": .string(shared.domain)] },
        drifts: [
            Drift("somebody changes the tags") {
                try await api.demand("PATCH", "/projects/\($0.text("id"))", ["project": ["tags": ["z"]]])
            },
            Drift("somebody deletes it") { try await api.demand("DELETE", "/projects/\($0.text("id"))") },
        ],
        place: { "/projects/\($0.text("id"))" }, importID: { "default/\($0.text("name"))" },
        faultyRequest: "POST /v3/projects")

    static let users: ProviderConformance = api.conformance(
        "keystone_user",
        declared: { ["name": .string($0), "password": "one", "email": "a@example.org"] },
        inPlace: {
            [
                "name": .string("\($0)-other"), "password": "two", "description": "changed",
                "default_project_id": .string(shared.project),
            ]
        },
        replacement: { ["name": .string($0), "password": "one", "domain_id": .string(shared.domain)] },
        drifts: [
            Drift("somebody disables the user") {
                try await api.demand("PATCH", "/users/\($0.text("id"))", ["user": ["enabled": false]])
            }
        ],
        place: { "/users/\($0.text("id"))" }, importID: { "default/\($0.text("name"))" }, unimportable: ["password"],
        faultyRequest: "POST /v3/users")

    static let groups: ProviderConformance = api.conformance(
        "keystone_group",
        declared: { ["name": .string($0), "description": "a test"] },
        inPlace: { ["name": .string("\($0)-other")] },
        replacement: { ["name": .string($0), "domain_id": .string(shared.domain)] },
        drifts: [
            Drift("somebody changes the description") {
                try await api.demand("PATCH", "/groups/\($0.text("id"))", ["group": ["description": "somebody's"]])
            }
        ],
        place: { "/groups/\($0.text("id"))" }, importID: { "default/\($0.text("name"))" },
        faultyRequest: "POST /v3/groups")

    static let roles: ProviderConformance = api.conformance(
        "keystone_role",
        declared: { ["name": .string($0), "description": "a test"] },
        inPlace: { ["name": .string("\($0)-other")] },
        drifts: [
            Drift("somebody deletes it") { try await api.demand("DELETE", "/roles/\($0.text("id"))") }
        ],
        place: { "/roles/\($0.text("id"))" }, importID: { $0.text("name") },
        faultyRequest: "POST /v3/roles")

    static let memberships: ProviderConformance = api.conformance(
        "keystone_group_membership",
        declared: { _ in ["group_id": .string(shared.group), "user_id": .string(shared.user)] },
        replacement: { _ in ["group_id": .string(shared.group), "user_id": .string(shared.otherUser)] },
        drifts: [
            Drift("somebody takes the user out") { try await api.demand("DELETE", membership($0)) }
        ],
        exists: { try await api.ask("HEAD", membership($0)).status == 204 },
        importID: { "\($0.text("group_id"))/\($0.text("user_id"))" },
        faultyRequest: "PUT /v3/groups")

    static let assignments: ProviderConformance = api.conformance(
        "keystone_role_assignment",
        declared: { _ in
            [
                "role_id": .string(shared.role), "user_id": .string(shared.user),
                "project_id": .string(shared.project),
            ]
        },
        replacement: { _ in
            [
                "role_id": .string(shared.role), "group_id": .string(shared.group), "domain_id": .string(shared.domain),
            ]
        },
        drifts: [
            Drift("somebody takes the role away") { try await api.demand("DELETE", "/" + $0.text("id")) }
        ],
        exists: { try await api.ask("HEAD", "/" + $0.text("id")).status == 204 },
        importID: { $0.text("id") },
        faultyRequest: "PUT /v3/projects")

    @Test(arguments: domains.checks) func domain(_ check: ConformanceCheck) async throws {
        try await Self.domains.run(check)
    }

    @Test(arguments: projects.checks) func project(_ check: ConformanceCheck) async throws {
        try await Self.makeShared()
        try await Self.projects.run(check)
    }

    @Test(arguments: users.checks) func user(_ check: ConformanceCheck) async throws {
        try await Self.makeShared()
        try await Self.users.run(check)
    }

    @Test(arguments: groups.checks) func group(_ check: ConformanceCheck) async throws {
        try await Self.makeShared()
        try await Self.groups.run(check)
    }

    @Test(arguments: roles.checks) func role(_ check: ConformanceCheck) async throws {
        try await Self.roles.run(check)
    }

    @Test(arguments: memberships.checks) func groupMembership(_ check: ConformanceCheck) async throws {
        try await Self.makeShared()
        try await Self.memberships.run(check)
    }

    @Test(arguments: assignments.checks) func roleAssignment(_ check: ConformanceCheck) async throws {
        try await Self.makeShared()
        try await Self.assignments.run(check)
    }

    // MARK: - What resources are tested with

    private static let shared = SharedKeystoneThings()

    private static func makeShared() async throws {
        try await shared.make { kind, values in
            let answer = try await api.ask("POST", "/\(kind)s", .object(ValueMap([(kind, values)])))
            return try #require(answer.body[key: kind]?[key: "id"]?.asString, "\(answer.body.json)")
        }
    }

    private static func membership(_ state: ResourceState) -> String {
        "/groups/\(state.text("group_id"))/users/\(state.text("user_id"))"
    }
}
