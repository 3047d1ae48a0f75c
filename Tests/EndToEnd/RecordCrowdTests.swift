import Foundation
import Testing

/// Many DNS records over HTTP: made, refreshed with few requests, drifted, healed, found, and destroyed.
@Suite(.serialized, .enabled(if: PowerDNS.isExpected, "PowerDNS is not installed"))
struct RecordCrowdTests {
    private static let zones = 3
    private static let records = 100

    private static let files = [
        "stack.yaml": """
        stack: records
        providers: {http: {dns: {api: powerdns, base_url: "${env.PDNS_URL}", key: "${env.PDNS_KEY}"}}}
        """,
        "main.yaml": """
        resources:
          powerdns_zone.z:
            for_each: '${toset([for i in range(\(zones)) : "z${i}.example.org"])}'
            spec: {name: "${each.key}"}
          powerdns_record_set.r:
            for_each: >-
              ${merge([for z in range(\(zones)) : {for i in range(\(records)) : "h${i}.z${z}.example.org" => "z${z}.example.org"}]...)}
            spec: {zone: "${powerdns_zone.z[each.value].name}", name: "${each.key}", type: A, records: [192.0.2.1]}
        """,
    ]

    /// A stack before a server that misbehaves when it is told to.
    private func start() async throws -> (PowerDNS, FaultyServer, Stack) {
        let server = try await PowerDNS.start()
        let proxy = try await FaultyServer(before: server.environment["PDNS_URL"] ?? "")
        var environment = server.environment
        environment["PDNS_URL"] = "http://127.0.0.1:\(proxy.port)/api/v1"
        return (server, proxy, try Stack(Self.files, environment: environment))
    }

    private func change(_ server: PowerDNS, _ zone: String, _ body: String) async throws {
        let url = "\(server.environment["PDNS_URL"] ?? "")/servers/localhost/zones/\(zone)"
        let key = "X-API-Key: \(server.environment["PDNS_KEY"] ?? "")"
        let result = await
            (try ChildProcess(
                "curl", ["-sSf", "-X", "PATCH", "-H", key, "-d", body, url], in: "/", environment: Plumb.environment,
                deadline: 30)).result()
        try #require(result.code == 0, "\(result.errors)")
    }

    @Test func aCrowdIsMadeKeptAndDestroyed() async throws {
        let (server, proxy, stack) = try await start()
        let made = try await stack.plumb("apply", "--auto-approve", deadline: 300)
        try #require(made.code == 0, "\(made.output)\(made.errors)")
        _ = try await proxy.seen()

        // One request for each zone, and one for the records of each.
        #expect(try await stack.plumb("plan", "--detailed-exitcode", deadline: 120).code == 0)
        #expect(try await proxy.seen().count == 2 * Self.zones)

        // Somebody changes one and takes one away.
        try await change(
            server, "z1.example.org.",
            #"{"rrsets": [{"name": "h7.z1.example.org.", "type": "A", "changetype": "DELETE"}, "#
                + #"{"name": "h8.z1.example.org.", "type": "A", "ttl": 60, "changetype": "REPLACE", "#
                + #""records": [{"content": "192.0.2.9", "disabled": false}]}]}"#)
        let plan = try await stack.plumb("plan", "--detailed-exitcode", deadline: 120)
        #expect(plan.code == 2)
        #expect(plan.output.contains("Plan: 1 to create, 1 to change, 0 to replace, 0 to destroy."), "\(plan.output)")
        #expect(try await stack.plumb("apply", "--auto-approve", deadline: 120).code == 0)
        #expect(try await stack.plumb("plan", "--detailed-exitcode", deadline: 120).code == 0)

        let destroyed = try await stack.plumb("destroy", "--auto-approve", deadline: 300)
        #expect(destroyed.code == 0, "\(destroyed.output)\(destroyed.errors)")
        #expect(try await server.zones().isEmpty)
    }

    @Test func aStormOfRefusalsSlowsItAndLosesNothing() async throws {
        let (server, proxy, stack) = try await start()
        // At first three requests are all there are, so that each of them meets many of the refusals.
        try stack.write(
            "stack.yaml",
            (Self.files["stack.yaml"] ?? "").replacing("{api: powerdns,", with: "{api: powerdns, attempts: 30,"))
        let storm = #"{"on": "* /api", "do": "status", "status": 429, "headers": {"Retry-After": "0"}, "times": 40}"#
        try await proxy.order("[\(storm)]")
        let made = try await stack.plumb("apply", "--auto-approve", deadline: 300)
        try #require(made.code == 0, "\(made.output)\(made.errors)")
        #expect(try await stack.recorded().count == Self.zones * (Self.records + 1))
        try await proxy.order("[\(storm)]")
        #expect(try await stack.plumb("plan", "--detailed-exitcode", deadline: 120).code == 0)
        try await proxy.order("[\(storm)]")
        let destroyed = try await stack.plumb("destroy", "--auto-approve", deadline: 300)
        #expect(destroyed.code == 0, "\(destroyed.output)\(destroyed.errors)")
        #expect(try await server.zones().isEmpty)
    }

    @Test func whatNobodyManagesIsFoundAndTakenOver() async throws {
        let server = try await PowerDNS.start()
        let stack = try Stack(Self.files, environment: server.environment)
        try stack.write("main.yaml", "resources: {powerdns_zone.mine: {spec: {name: mine.example.org}}}\n")
        try await stack.apply()
        #expect(try await stack.plumb("scan", "powerdns_zone", "--detailed-exitcode").code == 0)
        try await change(
            server, "mine.example.org.",
            #"{"rrsets": [{"name": "www.mine.example.org.", "type": "A", "ttl": 60, "changetype": "REPLACE", "#
                + #""records": [{"content": "192.0.2.9", "disabled": false}]}]}"#)
        let found = try await stack.plumb("scan", "--detailed-exitcode")
        #expect(found.code == 2)
        #expect(
            found.output.contains(
                "powerdns_record_set (http.dns): 1 of 1 not managed\n  powerdns_record_set.mine_example_org_www_mine_example_org_a  "
                    + "mine.example.org./www.mine.example.org./A\n"), "\(found.output)\(found.errors)")
        #expect(found.output.contains("powerdns_zone (http.dns): all 1 managed."))
        let imports = try await stack.plumb("scan", "--imports")
        #expect(imports.output.contains("import:\n  - {to: powerdns_record_set.mine_"), "\(imports.output)")
        let json = try await stack.plumb("scan", "--json")
        let document = try #require(
            try JSONSerialization.jsonObject(with: Data(json.output.utf8)) as? [String: Any])
        let unmanaged = try #require(document["unmanaged"] as? [[String: String]])
        let id = try #require(unmanaged.first?["id"])
        let taken = try await stack.plumb("import", "powerdns_record_set.www", id, "--out", "www.yaml")
        #expect(taken.code == 0, "\(taken.errors)")
        #expect(try await stack.plumb("plan", "--detailed-exitcode").code == 0)
        #expect(try await stack.plumb("scan", "--detailed-exitcode").code == 0)
    }
}
