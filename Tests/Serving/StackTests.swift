import Foundation
import HTTPTransport
import PlumbModel
import Testing

@testable import Serving

/// What is shown of stacks, and what they are told.
@Suite struct StackTests {
    @Test func aStackIsShownWithItsRunsPlanAndDrift() async throws {
        try await TestServer.run { (server: TestServer) async throws in
            let path = "/api/v1/stacks/shop-api"
            let stack = try await server.ask("GET", path, "viewer-token").json()
            #expect(stack["phase"] == "converged" && stack["since"] == "2027-01-15T08:00:00Z")
            #expect(try await server.ask("GET", path + "/runs?limit=2", "viewer-token").json().items.count == 2)
            let plan = try await server.ask("GET", path + "/plan", "viewer-token").json()
            #expect(plan["digest"] == "d1" && plan["plan"]["format"] == 1)
            let drift = try await server.ask("GET", path + "/drift", "viewer-token")
            #expect(!drift.text.contains("password"))
            #expect(try drift.json().items.first?["sensitive"] == true)
            let resources = try await server.ask("GET", path + "/resources", "viewer-token")
            #expect(!resources.text.contains("password"))
            let items = try resources.json().items
            #expect(items.map { $0["drift_count"] } == [1, 0] && items.map { $0["status"] } == ["ready", "tainted"])
            #expect(items.last?["dependencies"] == ["sample_thing.a"])
            try await server.plane.add("unplanned")
            let none = try await server.ask("GET", "/api/v1/stacks/unplanned/plan", "viewer-token")
            #expect(none.status == 404 && none.text.contains("No plan"))
            try await server.plane.add("a/b c")
            #expect(try await server.ask("GET", "/api/v1/stacks/a%2Fb%20c", "viewer-token").status == 200)
        }
    }

    @Test func actionsAreTakenOnAndNoted() async throws {
        try await TestServer.run { (server: TestServer) async throws in
            try await server.plane.add("shop-api", phase: .waiting, pendingPlan: "d7")
            for (action, more, token) in [
                ("sync", "", "operator-token"), ("check-drift", "", "operator-token"),
                ("suspend", #", "until": "2027-01-15T09:00:00Z""#, "operator-token"), ("resume", "", "operator-token"),
                ("approve", #", "digest": "d7""#, "admin-token"), ("rollback", "", "admin-token"),
            ] {
                let answer = try await server.ask(
                    "POST", "/api/v1/stacks/shop-api/\(action)", token, body: "{\"reason\": \"why \(action)\"\(more)}")
                #expect(answer.status == 202, "\(answer.text)")
            }
            let names = server.plane.commands.map(\.action.name)
            #expect(names == ["sync", "check-drift", "suspend", "resume", "approve", "rollback"])
            #expect(server.plane.commands[2].action == .suspend(until: TestServer.start + 3600))
            #expect(server.plane.commands[4].action == .approve(digest: "d7"))
            let entries = try await server.ask("GET", "/api/v1/audit?stack=shop-api", "admin-token").json().items
            #expect(entries.map { $0["entry"]["action"].asString } == names)
            #expect(
                entries.allSatisfy { $0["entry"]["outcome"] == "accepted" && $0["entry"]["address"] == "127.0.0.1" })
            #expect(entries.last?["entry"]["actor"] == "admin" && entries.last?["entry"]["reason"] == "why rollback")
        }
    }

    @Test func whatIsWrongWithAnActionIsSaid() async throws {
        try await TestServer.run { (server: TestServer) async throws in
            let path = "/api/v1/stacks/shop-api/"
            for (action, body, status, word) in [
                ("sync", "{}", 422, "`reason` is missing"), ("sync", #"{"reason": "  "}"#, 422, "`reason` is missing"),
                ("sync", #"{"reason": 7}"#, 422, "`reason` is missing"), ("sync", "[]", 422, "an object"),
                ("sync", "{", 400, "no JSON"), ("sync", #"{"reason": "x", "raeson": "y"}"#, 422, "Did you mean"),
                ("sync", "{\"reason\": \"\(String(repeating: "x", count: 1_001))\"}", 422, "1000 characters"),
                ("sync", "{\"reason\": \"\(String(repeating: "x", count: 20_000))\"}", 413, "16384 bytes"),
                ("sync", String(repeating: "[", count: 10_000), 400, "no JSON"),
                ("approve", #"{"reason": "x"}"#, 422, "`digest`"),
                ("approve", #"{"reason": "x", "digest": "other"}"#, 409, "The plan that waits is none"),
                ("suspend", #"{"reason": "x", "until": "soon"}"#, 422, "2026-11-21T15:04:05Z"),
                ("suspend", #"{"reason": "x", "until": "2020-01-01T00:00:00Z"}"#, 422, "has passed"),
                ("suspend", #"{"reason": "x", "until": 5}"#, 422, "`until`"),
            ] {
                let answer = try await server.ask("POST", path + action, "admin-token", body: body)
                #expect(answer.status == status, "\(body.prefix(60)): \(answer.text)")
                #expect(answer.text.contains(word), "\(answer.text)")
            }
            let typed = try await server.ask(
                "POST", path + "sync", "admin-token", body: "{}", headers: [("Content-Type", "text/plain")])
            #expect(typed.status == 415)
            #expect(server.plane.commands.isEmpty)
            // Those that were refused by an action are noted, up to what one address may fill.
            let noted = try await server.audit()
            #expect(noted.count == 15 && noted.allSatisfy { $0["actor"] == "admin" && $0["stack"] == "shop-api" })
        }
    }

    @Test func whatIsNotThereIsSaid() async throws {
        try await TestServer.run { (server: TestServer) async throws in
            for (method, path, status) in [
                ("GET", "/nowhere", 404), ("GET", "/api/v1/stacks/", 404), ("GET", "/api/v1/stacks/%zz", 404),
                ("GET", "/api/v1/stacks/a%00b", 404), ("GET", "/api/v1/stacks/%ff", 404),
                ("GET", "/api/v1/stacks/..%2f..%2fetc", 404), ("PUT", "/api/v1/stacks/shop-api", 405),
                ("DELETE", "/api/v1/stacks", 405), ("GET", "/api/v1/stacks/shop-api/sync", 405),
                ("GET", "/api/v1/stacks/shop-api/runs?limit=0", 400),
                ("GET", "/api/v1/stacks/shop-api/runs?limit=x", 400),
                ("GET", "/api/v1/stacks/shop-api/runs?limt=1", 400),
                ("GET", "/api/v1/stacks/shop-api/runs?limit=1&limit=2", 400), ("GET", "/api/v1/events?after=-1", 400),
                ("GET", "/api/v1/events?after=99999999999999999999", 400), ("GET", "/api/v1/stacks?x=%ff", 400),
            ] {
                let answer = try await server.ask(method, path, "admin-token")
                #expect(answer.status == status, "\(method) \(path): \(answer.status) \(answer.text)")
                #expect(answer.headers["Content-Type"] == "application/problem+json", "\(path)")
            }
            let typo = try await server.ask("GET", "/api/v1/stacks/shop-api/runs?limt=1", "admin-token")
            #expect(typo.text.contains(#"Did you mean \"limit\"?"#))
        }
    }
}
