import Testing

/// Several instances of a provider: chosen by key, passed to modules, configured by what other resources give.
@Suite(.enabled(if: PowerDNS.isExpected, "PowerDNS is not installed"))
struct ProviderInstanceTests {
    private static func zone(_ name: String, _ more: String = "") -> String {
        "  powerdns_zone.\(name): {\(more)spec: {name: \(name).example., kind: Native, nameservers: []}}\n"
    }

    @Test func settingsComeFromWhatIsOnlyKnownWhileApplying() async throws {
        let server = try await PowerDNS.start()
        let stack = try Stack(
            [
                "stack.yaml": """
                stack: test
                providers:
                  http:
                    dns:
                      api: powerdns
                      base_url: '${split("#", "${env.PDNS_URL}#${data_value.gate.id}")[0]}'
                      key: ${env.PDNS_KEY}
                """,
                "main.yaml": "resources:\n  data_value.gate: {spec: {input: 1}}\n" + Self.zone("one"),
            ], environment: server.environment)
        let plan = try await stack.plumb("plan")
        #expect(plan.output.contains("Plan: 2 to create"), "\(plan.output)\(plan.errors)")
        try await stack.apply()
        #expect(try await server.zones() == ["one.example."])
        try await stack.expectNoChanges()
        // What is recorded is enough to read the zone, and a replaced gate to change it.
        try stack.write(
            "main.yaml", "resources:\n  data_value.gate: {spec: {input: 1}}\n" + Self.zone("one") + Self.zone("two"))
        try await stack.apply("--replace", "data_value.gate")
        #expect(try await server.zones() == ["one.example.", "two.example."])
        try await stack.expectNoChanges()
        let destroyed = try await stack.plumb("destroy", "--auto-approve")
        #expect(destroyed.code == 0, "\(destroyed.errors)")
        #expect(try await server.zones().isEmpty)
    }

    /// The instance that the specs name is asked: the same server under another name changes nothing, and what another
    /// server does not have is planned at once, not by the plan after the next apply.
    @Test func aResourceGoesToAnotherInstance() async throws {
        let (first, second) = (try await PowerDNS.start(), try await PowerDNS.start())
        let environment = [
            "URL_A": first.environment["PDNS_URL"] ?? "", "KEY_A": first.environment["PDNS_KEY"] ?? "",
            "URL_B": second.environment["PDNS_URL"] ?? "", "KEY_B": second.environment["PDNS_KEY"] ?? "",
        ]
        func settings(_ names: [(String, String)]) -> String {
            "stack: test\nproviders:\n  http:\n"
                + names.map {
                    "    \($0): {api: powerdns, base_url: '${env.URL_\($1)}', key: '${env.KEY_\($1)}'}\n"
                }.joined()
        }
        func spec(_ provider: String) -> String { "resources:\n" + Self.zone("one", "provider: http.\(provider), ") }
        let stack = try Stack(
            ["stack.yaml": settings([("old", "A")]), "main.yaml": spec("old")], environment: environment)
        try await stack.apply()
        try stack.write("stack.yaml", settings([("new", "A"), ("other", "B")]))
        try stack.write("main.yaml", spec("new"))
        try await stack.expectNoChanges()
        try await stack.apply()
        try stack.write("main.yaml", spec("other"))
        let plan = try await stack.plumb("plan")
        #expect(plan.output.contains("Plan: 1 to create"), "\(plan.output)")
        #expect(plan.words.contains("the one of http.new stays, and is forgotten"), "\(plan.errors)")
        try await stack.apply()
        #expect(try await first.zones() == ["one.example."])
        #expect(try await second.zones() == ["one.example."])
        try await stack.expectNoChanges()
    }

    @Test func oneInstanceForEachKey() async throws {
        let (first, second) = (try await PowerDNS.start(), try await PowerDNS.start())
        let environment = [
            "URL_A": first.environment["PDNS_URL"] ?? "", "KEY_A": first.environment["PDNS_KEY"] ?? "",
            "URL_B": second.environment["PDNS_URL"] ?? "", "KEY_B": second.environment["PDNS_KEY"] ?? "",
        ]
        let stack = try Stack(
            [
                "stack.yaml": """
                stack: test
                providers:
                  http:
                    dns:
                      for_each:
                        a: {url: "${env.URL_A}", key: "${env.KEY_A}"}
                        b: {url: "${env.URL_B}", key: "${env.KEY_B}"}
                      api: powerdns
                      base_url: ${each.value.url}
                      key: ${each.value.key}
                """,
                "main.yaml": """
                resources:
                  powerdns_zone.each:
                    provider: http.dns[each.key]
                    for_each: {a: one, b: two}
                    spec: {name: "${each.value}.example.", kind: Native, nameservers: []}
                modules:
                  more: {source: ./more, providers: {dns: 'http.dns["b"]'}}
                """,
                "more/zone.yaml": "resources:\n" + Self.zone("three", "provider: dns, "),
            ], environment: environment)
        try await stack.apply()
        #expect(try await first.zones() == ["one.example."])
        #expect(try await second.zones() == ["three.example.", "two.example."])
        try await stack.expectNoChanges()
        let destroyed = try await stack.plumb("destroy", "--auto-approve")
        #expect(destroyed.code == 0, "\(destroyed.errors)")
        #expect(try await first.zones().isEmpty)
        #expect(try await second.zones().isEmpty)
    }
}
