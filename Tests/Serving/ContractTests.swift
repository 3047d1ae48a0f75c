import Foundation
import HTTPTransport
import HTTPTypes
import LibvirtFixtures
import Logging
import PlumbModel
import Testing

@testable import Serving

/// What the server answers is what its document says; its metrics are what Prometheus reads; its page loads nothing.
@Suite struct ContractTests {
    private func routes(_ server: TestServer) -> [Route] {
        let feed = EventFeed(server.store, logger: .init(label: "x"), now: { 0 })
        let authenticator = Authenticator(ServerSettings())
        let webhooks = WebhookReceiver(
            plane: server.plane, authenticator: authenticator, memory: DeliveryMemory(server.store),
            counts: ServerCounts(), logger: .init(label: "x"))
        return Routes(
            plane: server.plane, store: server.store, feed: feed, webhooks: webhooks,
            page: Page(PackageResources.page_html), measurements: { [] }, authenticator: authenticator
        ).all
    }

    @Test func theDocumentHasEachRouteAndNoOther() async throws {
        try await TestServer.run { (server: TestServer) async throws in
            let document = try await server.ask("GET", "/openapi.json").json()
            #expect(document["openapi"] == "3.1.0")
            var described: [String] = []
            for path in document["paths"].asMap ?? [:] {
                for operation in path.value.asMap ?? [:] {
                    let value = operation.value
                    let query = (value["parameters"].asList ?? []).filter { $0["in"] == "query" }
                        .compactMap { $0["name"].asString }.sorted()
                    let isOpen = value["security"].asList?.isEmpty == true
                    let role = ["viewer", "operator", "admin"].first {
                        value["description"].asString?.hasPrefix("For the role \($0)") == true
                    }
                    described.append(
                        "\(operation.key) \(path.key) \(value["operationId"].asString ?? "") \(query) "
                            + (isOpen ? "everybody" : role ?? "metrics"))
                }
            }
            let served = routes(server).map { route in
                let access =
                    switch route.access {
                    case .everybody: "everybody"
                    case .metrics: "metrics"
                    case .role(let role): role.rawValue
                    }
                return
                    "\(route.method.rawValue.lowercased()) \(route.path) \(route.id) \(route.query.sorted()) \(access)"
            }
            #expect(Set(described) == Set(served))
            #expect(described.count == served.count)
        }
    }

    @Test func metricsAreWhatPrometheusReads() async throws {
        try await TestServer.run { (server: TestServer) async throws in
            let answer = try await server.ask("GET", "/metrics", "viewer-token")
            #expect(answer.headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8")
            #expect(answer.text.contains("# HELP plumb_stacks Stacks\\nby \\\\ phase.\n# TYPE plumb_stacks gauge\n"))
            #expect(answer.text.contains(#"plumb_stacks{path="a\\b\nc",phase="conver\"ged\""} 2"#))
            #expect(answer.text.contains("plumb_idle_seconds +Inf\n"))
            let again = try await server.ask("GET", "/metrics", "viewer-token").text
            #expect(again.contains(#"plumb_api_requests_total{operation="metrics",status="200"} 1"#))
            #expect(again.contains("# TYPE plumb_api_request_duration_seconds histogram\n"))
            let counted = #"plumb_api_request_duration_seconds_bucket{le="+Inf",operation="metrics"} 1"#
            #expect(again.contains(counted), "\(again)")
            #expect(again.contains(#"plumb_api_request_duration_seconds_count{operation="metrics"} 1"#))
            // One family, one head.
            let heads = again.split(separator: "\n").filter { $0.hasPrefix("# TYPE") }
            #expect(Set(heads).count == heads.count)
            #expect(again.hasSuffix("\n"))
        }
    }

    @Test func healthIsForEverybodyAndReasonsAreForTokens() async throws {
        try await TestServer.run { (server: TestServer) async throws in
            #expect(try await server.ask("GET", "/readyz").status == 200)
            server.plane.impede("The database db.example.org does not answer.")
            let stranger = try await server.ask("GET", "/readyz")
            #expect(stranger.status == 503 && stranger.text == "not ready\n")
            #expect(try await server.ask("GET", "/readyz", "viewer-token").text.contains("db.example.org"))
            #expect(try await server.ask("GET", "/healthz").status == 200)
        }
    }

    @Test func thePageLoadsNothingAndMayDoNothingElse() async throws {
        try await TestServer.run { (server: TestServer) async throws in
            let answer = try await server.ask("GET", "/")
            #expect(answer.status == 200)
            let policy = answer.headers["Content-Security-Policy"] ?? ""
            #expect(policy.hasPrefix("default-src 'none'; script-src 'sha256-"))
            #expect(!policy.contains("unsafe"))
            #expect(answer.headers["X-Content-Type-Options"] == "nosniff")
            for word in [
                "http://", "https://", "innerHTML", "insertAdjacentHTML", "document.write", "eval(", " src=",
                "onclick=\"", "style=\"",
            ] {
                #expect(!answer.text.contains(word), "\(word)")
            }
        }
    }

    /// Right and wrong requests of all kinds, by schemathesis.
    @Test(.enabled(if: hasSchemathesis)) func schemathesisFindsNothing() async throws {
        let socket = "/tmp/plumb-\(UUID().uuidString.prefix(8)).sock"
        try await TestServer.run({ $0.address = .unix(path: socket) }) { (server: TestServer) async throws in
            let outcome = try await WaitedProgram.run(
                URL(fileURLWithPath: Self.script),
                [
                    "run", socket, "--phases", "coverage,fuzzing", "--max-examples", "10", "--seed", "20", "-H",
                    "Authorization: Bearer admin-token",
                ], within: 120)
            #expect(outcome.status == 0, "\(outcome.output.suffix(8000))")
            #expect(try await server.ask("GET", "/healthz").status == 200)
            #expect(!server.log.text.contains("\"status\": 500"))
        }
    }

    private static let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appending(path: "../Services/schemathesis").standardized.path

    static let hasSchemathesis =
        ProcessInfo.processInfo.environment["CI"] != nil || LibvirtServer.hasSchemathesis
}
