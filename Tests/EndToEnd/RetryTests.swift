import Testing

/// A server that refuses for now: `retry:` says how often a call is made in all.
@Suite(.enabled(if: PowerDNS.isExpected, "PowerDNS is not installed"))
struct RetryTests {
    private static func files(retry: String) -> [String: String] {
        [
            "stack.yaml": """
            stack: retries
            providers: {http: {dns: {api: powerdns, base_url: "${env.FAULTY_URL}", key: "${env.PDNS_KEY}"}}}
            """,
            "main.yaml": """
            resources:
              powerdns_zone.z:
                provider: http.dns
                spec: {name: example.org, nameservers: [ns1.example.net]}
                \(retry)
            """,
        ]
    }

    /// A 503 without Retry-After: the HTTP client itself makes no creation again after that.
    private func stack(retry: String) async throws -> (Stack, PowerDNS, FaultyServer) {
        let server = try await PowerDNS.start()
        let faulty = try await FaultyServer(before: try #require(server.environment["PDNS_URL"]))
        try await faulty.order(#"[{"on": "POST ", "do": "status", "status": 503, "times": 1}]"#)
        let environment = server.environment.merging(["FAULTY_URL": "http://127.0.0.1:\(faulty.port)/api/v1"]) { $1 }
        return (try Stack(Self.files(retry: retry), environment: environment), server, faulty)
    }

    @Test func aCallThatIsRefusedForNowIsMadeAgain() async throws {
        let (stack, server, faulty) = try await stack(retry: "retry: {attempts: 3, pause: 50ms}")
        let result = try await stack.apply()
        #expect(result.errors.contains("attempt 1 of 3 was refused"), "\(result.errors)")
        #expect(!result.errors.contains("attempt 2 of 3"))
        #expect(try await server.zones() == ["example.org."])
        try await stack.expectNoChanges()
        withExtendedLifetime(faulty) {}
    }

    @Test(arguments: ["", "retry: {attempts: 1}"])
    func otherwiseItFailsAndNothingIsLeftOpen(_ retry: String) async throws {
        let (stack, server, faulty) = try await stack(retry: retry)
        let result = try await stack.plumb("apply", "--auto-approve")
        #expect(result.code == 1)
        #expect(result.words.contains("503"), "\(result.errors)")
        #expect(try await server.zones().isEmpty)
        #expect(try await stack.recorded().isEmpty)
        try await stack.apply()
        #expect(try await server.zones() == ["example.org."])
        withExtendedLifetime(faulty) {}
    }
}
