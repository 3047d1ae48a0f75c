import Foundation
import HTTPTransport
import PlumbModel
import ProviderAPI
import ProviderTesting
import Testing
import ThrowawayServers

/// Every type of `apis/rabbitmq.yaml` against a real RabbitMQ. One test at a time: some share a user and a virtual host.
@Suite(
    .serialized, .timeLimit(.minutes(10)),
    .enabled(if: ThrowawayServer.rabbitmq.isExpected, "RabbitMQ is not installed"))
struct RabbitMQConformanceTests {
    static let api: TestedAPI = TestedAPI(
        name: "rabbitmq",
        server: {
            let server = try await ThrowawayServer.rabbitmq.environment()
            let login = "\(server["RABBITMQ_USER"] ?? ""):\(server["RABBITMQ_PASSWORD"] ?? "")"
            return TestedAPI.Server(
                url: server["RABBITMQ_URL"] ?? "",
                headers: ["Authorization": "Basic \(Data(login.utf8).base64EncodedString())"],
                key: server["RABBITMQ_PASSWORD"])
        })

    static let vhosts: ProviderConformance = api.conformance(
        "rabbitmq_vhost",
        declared: { ["name": .string($0), "description": "a test", "tags": ["b", "a"]] },
        inPlace: { ["name": .string($0), "description": "another", "tracing": true] },
        replacement: { ["name": .string("\($0)/other")] },
        drifts: [
            Drift("somebody changes the description") { state in
                try await api.ask("PUT", path("vhosts", state, "name"), ["description": "somebody's"])
            }
        ],
        place: { path("vhosts", $0, "name") }, importID: { $0.text("name") })

    static let users: ProviderConformance = api.conformance(
        "rabbitmq_user",
        declared: { ["name": .string($0), "password": "one", "tags": ["monitoring", "management"]] },
        inPlace: { ["name": .string($0), "password": "two", "tags": ["administrator"]] },
        replacement: { ["name": .string("\($0)-other"), "password": "one"] },
        drifts: [
            Drift("somebody changes the tags") { state in
                try await api.ask("PUT", path("users", state, "name"), ["password": "one", "tags": "administrator"])
            }
        ],
        place: { path("users", $0, "name") }, importID: { $0.text("name") }, unimportable: ["password"])

    static let permissions: ProviderConformance = api.conformance(
        "rabbitmq_permissions",
        declared: { _ in ["vhost": "shared", "user": "shared", "configure": "^mine\\.", "write": ".*", "read": ".*"] },
        inPlace: { _ in ["vhost": "shared", "user": "shared", "read": ".*"] },
        replacement: { _ in ["vhost": "shared", "user": "other"] },
        drifts: [
            Drift("somebody allows more") { state in
                try await api.ask(
                    "PUT", path("permissions", state, "vhost", "user"),
                    ["configure": ".*", "write": ".*", "read": ".*"])
            }
        ],
        place: { path("permissions", $0, "vhost", "user") }, importID: { "\($0.text("vhost"))/\($0.text("user"))" })

    static let topicPermissions: ProviderConformance = api.conformance(
        "rabbitmq_topic_permissions",
        declared: { ["vhost": "shared", "user": "shared", "exchange": .string($0), "write": "^a", "read": "^b"] },
        inPlace: { ["vhost": "shared", "user": "shared", "exchange": .string($0), "read": "^c"] },
        replacement: { ["vhost": "shared", "user": "shared", "exchange": .string("\($0)-other")] },
        drifts: [
            Drift("somebody removes them") { state in
                try await api.ask("DELETE", path("topic-permissions", state, "vhost", "user", "exchange"))
            }
        ],
        exists: { state in
            let all = try await api.ask("GET", path("topic-permissions", state, "vhost", "user")).body.asList ?? []
            return all.contains { $0[key: "exchange"] == state.values[key: "exchange"] }
        },
        importID: { "shared/shared/\($0.text("exchange"))" })

    static let queues: ProviderConformance = api.conformance(
        "rabbitmq_queue",
        declared: { ["name": .string($0), "arguments": ["x-message-ttl": 60000, "x-queue-type": "quorum"]] },
        replacement: { ["name": .string($0), "durable": false, "auto_delete": true] },
        drifts: [
            Drift("somebody makes another of the name") { state in
                try await api.ask("DELETE", path("queues", state, "vhost", "name"))
                try await api.ask("PUT", path("queues", state, "vhost", "name"), ["durable": true])
            }
        ],
        place: { path("queues", $0, "vhost", "name") }, importID: { "%2F/\($0.text("name"))" })

    static let exchanges: ProviderConformance = api.conformance(
        "rabbitmq_exchange",
        declared: { ["name": .string($0), "type": "topic", "arguments": ["alternate-exchange": "amq.fanout"]] },
        replacement: { ["name": .string($0), "type": "fanout", "internal": true] },
        drifts: [
            Drift("somebody removes it") { state in
                try await api.ask("DELETE", path("exchanges", state, "vhost", "name"))
            }
        ],
        place: { path("exchanges", $0, "vhost", "name") }, importID: { "%2F/\($0.text("name"))" })

    static let bindings: ProviderConformance = api.conformance(
        "rabbitmq_binding",
        declared: {
            [
                "vhost": "shared", "source": "amq.headers", "destination": "shared",
                "routing_key": .string("\($0)/a b"),
                "arguments": ["x-match": "all", "kind": "letter"],
            ]
        },
        replacement: {
            [
                "vhost": "shared", "source": "amq.topic", "destination_type": "exchange", "destination": "amq.fanout",
                "routing_key": .string("\($0).#"),
            ]
        },
        drifts: [
            Drift("somebody removes it") { state in try await api.ask("DELETE", bindingPath(state)) }
        ],
        place: { bindingPath($0) },
        importID: { "shared/amq.headers/queue/shared/\($0.text("properties_key").replacing("%", with: "%25"))" })

    static let policies: ProviderConformance = api.conformance(
        "rabbitmq_policy",
        declared: { ["vhost": "shared", "name": .string($0), "pattern": "^a\\.", "definition": ["max-length": 10]] },
        inPlace: {
            [
                "vhost": "shared", "name": .string($0), "pattern": "^b\\.", "definition": ["message-ttl": 1000],
                "priority": 3, "apply_to": "queues",
            ]
        },
        replacement: { ["name": .string($0), "pattern": "^a\\.", "definition": ["max-length": 10]] },
        drifts: [
            Drift("somebody changes the definition") { state in
                try await api.ask(
                    "PUT", path("policies", state, "vhost", "name"),
                    ["pattern": "^a\\.", "definition": ["max-length": 99]])
            }
        ],
        place: { path("policies", $0, "vhost", "name") }, importID: { "shared/\($0.text("name"))" })

    @Test(arguments: vhosts.checks) func vhost(_ check: ConformanceCheck) async throws {
        try await Self.vhosts.run(check)
    }

    @Test(arguments: users.checks) func user(_ check: ConformanceCheck) async throws {
        try await Self.users.run(check)
    }

    @Test(arguments: permissions.checks) func permission(_ check: ConformanceCheck) async throws {
        try await makeShared()
        try await Self.permissions.run(check)
    }

    @Test(arguments: topicPermissions.checks) func topicPermission(_ check: ConformanceCheck) async throws {
        try await makeShared()
        try await Self.topicPermissions.run(check)
    }

    @Test(arguments: queues.checks) func queue(_ check: ConformanceCheck) async throws {
        try await Self.queues.run(check)
    }

    @Test(arguments: exchanges.checks) func exchange(_ check: ConformanceCheck) async throws {
        try await Self.exchanges.run(check)
    }

    @Test(arguments: bindings.checks) func binding(_ check: ConformanceCheck) async throws {
        try await makeShared()
        try await Self.bindings.run(check)
    }

    @Test(arguments: policies.checks) func policy(_ check: ConformanceCheck) async throws {
        try await makeShared()
        try await Self.policies.run(check)
    }

    /// What permissions and bindings need to be there.
    private func makeShared() async throws {
        for user in ["shared", "other"] {
            try await Self.api.demand("PUT", "/users/\(user)", ["password": "x", "tags": ""])
        }
        try await Self.api.demand("PUT", "/vhosts/shared", ["description": ""])
        try await Self.api.demand("PUT", "/queues/shared/shared", ["durable": true])
    }

    private static func path(_ kind: String, _ state: ResourceState, _ names: String...) -> String {
        "/" + ([kind] + names.map { URLText.escaped(state.text($0)) }).joined(separator: "/")
    }

    private static func bindingPath(_ state: ResourceState) -> String {
        let kind = state.text("destination_type") == "exchange" ? "e" : "q"
        return path("bindings", state, "vhost") + "/e/\(state.text("source"))/\(kind)/\(state.text("destination"))/"
            + URLText.escaped(state.text("properties_key"))
    }
}
