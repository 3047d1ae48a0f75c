import Foundation
import Testing

/// The process is killed while it makes zones on a real DNS server: at every step of the journal and at random moments.
///
/// `PLUMB_KILLS` says how many random moments there are (10).
@Suite(.serialized, .enabled(if: PowerDNS.isExpected, "PowerDNS is not installed"))
struct ZoneKillTests {
    private static let count = 200

    private static let files = [
        "stack.yaml": """
        stack: zones
        providers: {http: {dns: {api: powerdns, base_url: "${env.PDNS_URL}", key: "${env.PDNS_KEY}"}}}
        """,
        "main.yaml": """
        resources:
          powerdns_zone.z:
            provider: http.dns
            for_each: '${toset([for i in range(\(count)) : "z${i}"])}'
            spec: {name: "${each.key}.example.org", nameservers: [ns1.example.net]}
        """,
    ]

    static let faults = FaultPointTests.steps.flatMap { step in [1, 100, 200].map { "\(step):\($0)" } }

    @Test(arguments: faults)
    func atEveryStepOfTheJournal(_ fault: String) async throws {
        try await check(fault) { stack, _ in
            let killed = try await stack.plumb(
                "apply", "--auto-approve", environment: ["PLUMB_FAULT": fault], deadline: 120)
            try #require(killed.signal == SIGKILL, "it was not killed: \(killed.output)\(killed.errors)")
        }
    }

    /// A moment is drawn as a number of zones that the server has, and a part of the time that one more takes: drawn by
    /// the clock alone, two of three would miss the time in which zones are made.
    @Test func atRandomMoments() async throws {
        let kills = ProcessInfo.processInfo.environment["PLUMB_KILLS"].flatMap { Int($0) } ?? 10
        var hits = 0
        // One that comes too late, on a busy machine, is drawn again.
        for _ in 0..<3 * kills where hits < kills {
            let count = Int.random(in: 0..<Self.count * 9 / 10)
            let wait = Int.random(in: 0...10)
            try await check("\(wait) ms after \(count) zones") { stack, server in
                let process = try stack.start(["apply", "--auto-approve"])
                let deadline = ContinuousClock.now + .seconds(60)
                while try await server.zones().count < count, ContinuousClock.now < deadline {}
                try await Task.sleep(for: .milliseconds(wait))
                process.send(SIGKILL)
                if await process.result().signal == SIGKILL { hits += 1 }
            }
        }
        #expect(hits == kills, "most kills came after the end")
    }

    /// What must be none of.
    private func check(_ kill: String, _ killing: (Stack, PowerDNS) async throws -> Void) async throws {
        let server = try await PowerDNS.start()
        let stack = try Stack(Self.files, environment: server.environment)
        try await killing(stack, server)
        let atKill = try await server.zones().count
        let recorded = try await stack.recorded().count
        try await stack.apply()
        let zones = try await server.zones()
        let known = Set(try await stack.recorded().map(Self.zoneName))
        let unknown = Set(zones).subtracting(known)
        let absent = known.subtracting(zones)
        let duplicates = zones.count - Set(zones).count
        print(
            "kill \(kill): \(atKill) zones and \(recorded) rows then; after the next apply \(unknown.count) unknown, "
                + "\(absent.count) absent, \(duplicates) twice")
        #expect(unknown.isEmpty, "zones that the state does not know, killed \(kill)")
        #expect(absent.isEmpty, "recorded zones that do not exist, killed \(kill)")
        #expect(duplicates == 0, "zones that exist twice, killed \(kill)")
        #expect(zones.count == Self.count)
        try await stack.expectNoChanges()
    }

    /// The zone that `powerdns_zone.z["z17"]` stands for.
    private static func zoneName(_ address: String) -> String {
        (address.split(separator: "\"").dropFirst().first.map(String.init) ?? address) + ".example.org."
    }
}
