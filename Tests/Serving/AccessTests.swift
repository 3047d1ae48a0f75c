import Foundation
import HTTPTransport
import Logging
import PlumbModel
import Testing

@testable import Serving

/// Who comes in, and what he may see and do.
@Suite struct AccessTests {
    @Test func whoHasNoGoodTokenStaysOutside() async throws {
        try await TestServer.run { (server: TestServer) async throws in
            for (token, detail) in [
                (nil, "has no token"), ("wrong", "Nobody has this token"), ("", "Bearer TOKEN"),
                ("old-token", "expired at 2027-01-15T07:59:59Z"),
            ] as [(String?, String)] {
                let answer = try await server.ask("GET", "/api/v1/stacks", token)
                #expect(answer.status == 401, "\(token ?? "none"): \(answer.text)")
                #expect(answer.headers["Content-Type"] == "application/problem+json")
                #expect(answer.headers["WWW-Authenticate"] == "Bearer")
                #expect(try answer.json()["detail"].asString?.contains(detail) == true, "\(answer.text)")
            }
            let basic = try await server.ask(
                "GET", "/api/v1/stacks", headers: [("Authorization", "Basic dmlld2VyLXRva2Vu")])
            #expect(basic.status == 401)
            #expect(try await server.ask("GET", "/api/v1/stacks", "viewer-token").status == 200)
            let refused = try await server.audit()
            #expect(refused.count == 5)
            #expect(refused.allSatisfy { $0["outcome"] == "refused" && $0["address"] == "127.0.0.1" })
            #expect(!server.log.text.contains("old-token") && !server.log.text.contains("wrong\""))
            #expect(try await server.metric("plumb_api_failed_authentications_total") == "4")
        }
    }

    /// What each role may do; each cell is asked of the server.
    @Test func rolesMayDoWhatTheTableSays() async throws {
        let body = #"{"reason": "because"}"#
        let table: [(String, String, APIRole, Int)] = [
            ("GET", "/api/v1/me", .viewer, 200), ("GET", "/api/v1/stacks", .viewer, 200),
            ("GET", "/api/v1/stacks/shop-api", .viewer, 200), ("GET", "/api/v1/stacks/shop-api/runs", .viewer, 200),
            ("GET", "/api/v1/stacks/shop-api/plan", .viewer, 200),
            ("GET", "/api/v1/stacks/shop-api/drift", .viewer, 200), ("GET", "/api/v1/events", .viewer, 200),
            ("GET", "/metrics", .viewer, 200), ("POST", "/api/v1/stacks/shop-api/sync", .operator, 202),
            ("POST", "/api/v1/stacks/shop-api/check-drift", .operator, 202),
            ("POST", "/api/v1/stacks/shop-api/suspend", .operator, 202),
            ("POST", "/api/v1/stacks/shop-api/resume", .operator, 202),
            ("POST", "/api/v1/stacks/shop-api/rollback", .admin, 202),
            ("POST", "/api/v1/stacks/shop-api/approve", .admin, 422), ("GET", "/api/v1/audit", .admin, 200),
        ]
        try await TestServer.run { (server: TestServer) async throws in
            for (method, path, needed, status) in table {
                for role in APIRole.allCases {
                    let answer = try await server.ask(
                        method, path, "\(role.rawValue)-token", body: method == "POST" ? body : nil)
                    #expect(
                        answer.status == (role < needed ? 403 : status), "\(role) \(method) \(path): \(answer.text)")
                }
                #expect(
                    try await server.ask(method, path, body: method == "POST" ? body : nil).status == 401, "\(path)")
            }
            // Of each action two or three roles; only what was taken on has come through.
            #expect(server.plane.commands.count == 2 * 4 + 1)
        }
    }

    @Test func aStackOutsideOfATokenIsAsIfItWereNotThere() async throws {
        try await TestServer.run { (server: TestServer) async throws in
            let listed = try await server.ask("GET", "/api/v1/stacks", "shop-viewer-token").json()
            #expect(listed.items.map { $0["stack"] } == ["shop-api", "shop-web"])
            for (method, rest) in [
                ("GET", ""), ("GET", "/runs"), ("GET", "/plan"), ("GET", "/drift"), ("POST", "/sync"),
                ("POST", "/rollback"),
            ] {
                var bodies: [String] = []
                for name in ["network", "nowhere"] {
                    let answer = try await server.ask(
                        method, "/api/v1/stacks/\(name)\(rest)", "shop-admin-token",
                        body: method == "POST" ? #"{"reason": "x"}"# : nil)
                    #expect(answer.status == 404, "\(rest): \(answer.text)")
                    bodies.append(answer.text.replacing(name, with: "NAME"))
                }
                #expect(bodies[0] == bodies[1])
            }
            #expect(try await server.ask("GET", "/api/v1/events?stack=network", "shop-viewer-token").status == 404)
            #expect(try await server.ask("GET", "/metrics", "shop-viewer-token").status == 403)
            try await server.plane.tell("network", "secret to the shop")
            try await server.plane.tell("shop-api", "told")
            let events = try await server.ask("GET", "/api/v1/events", "shop-viewer-token")
            #expect(try events.json().items.map { $0["stack"] } == ["shop-api"])
            let audit = try await server.ask("GET", "/api/v1/audit", "shop-admin-token").json()
            #expect(audit.items.allSatisfy { $0["entry"]["stack"].asString?.hasPrefix("shop-") == true })
            #expect(server.plane.commands.isEmpty)
        }
    }

    @Test func manyWrongTokensFromOneAddressAreSlowedDown() async throws {
        try await TestServer.run { (server: TestServer) async throws in
            var statuses: [Int] = []
            for number in 0..<40 {
                statuses.append(try await server.ask("GET", "/api/v1/me", "guess-\(number)").status)
            }
            #expect(statuses.prefix(20).allSatisfy { $0 == 401 })
            #expect(statuses.suffix(10).allSatisfy { $0 == 429 })
            let answer = try await server.ask("GET", "/api/v1/me", "viewer-token")
            #expect(answer.status == 429)
            #expect((answer.headers["Retry-After"].flatMap { Int($0) } ?? 0) > 0)
            // Probes go on, and a flood of refusals is none of entries.
            #expect(try await server.ask("GET", "/healthz").status == 200)
            #expect(try await server.audit().count < 30)
            // Nor one from many addresses: it would push out of the log what matters.
            let audit = AuditLog(
                store: server.store, counts: ServerCounts(), limit: FailureLimit(burst: 20, secondsPerFailure: 3),
                strangers: FailureLimit(burst: 5, secondsPerFailure: 1_000), logger: .init(label: "x"))
            for number in 0..<50 {
                await audit.note(
                    AuditEntry(action: "flood", address: "192.0.2.\(number)", outcome: .refused), now: TestServer.start)
            }
            await audit.note(
                AuditEntry(action: "sync", actor: "bob", address: "192.0.2.99", outcome: .refused),
                now: TestServer.start)
            let noted = try await server.audit().map { $0["action"].asString }
            #expect(noted.count { $0 == "flood" } == 5 && noted.contains("sync"))
        }
    }

    @Test func tokensAreReplacedWhileItServes() async throws {
        try await TestServer.run { (server: TestServer) async throws in
            #expect(try await server.ask("GET", "/api/v1/me", "viewer-token").status == 200)
            var settings = ServerSettings()
            settings.tokens = TestServer.tokens.filter { $0.key == "admin-token" }.map(\.value)
            settings.hasOpenMetrics = true
            await server.server.update(settings)
            #expect(try await server.ask("GET", "/api/v1/me", "viewer-token").status == 401)
            #expect(try await server.ask("GET", "/api/v1/me", "admin-token").status == 200)
            #expect(try await server.ask("GET", "/metrics").status == 200)
        }
    }

    @Test func addressesOfOneNetworkAreOne() {
        #expect(FailureLimit.network(of: "192.0.2.7") == "192.0.2.7")
        #expect(FailureLimit.network(of: "2001:db8:1:2:3:4:5:6") == "2001:db8:1:2")
        #expect(FailureLimit.network(of: "2001:db8::1") == "2001:db8:0:0")
        #expect(FailureLimit.network(of: "::1") == "0:0:0:0")
        #expect(FailureLimit.network(of: "::ffff:192.0.2.7") == "192.0.2.7")
        #expect(FailureLimit.network(of: "fe80::1%eth0") == "fe80:0:0:0")
        let limit = FailureLimit(burst: 2, secondsPerFailure: 1_000)
        #expect(limit.spend("a") && limit.spend("a") && !limit.spend("a"))
        for number in 0..<10_000 { _ = limit.spend("\(number)") }
        #expect(limit.pause(of: "9999") == nil)
    }
}
