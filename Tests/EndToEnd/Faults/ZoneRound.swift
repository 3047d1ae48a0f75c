import Foundation
import Testing

/// One round of a fault: zones with record sets of its own on a DNS server that all rounds share, and the stack that manages them.
final class ZoneRound: Sendable {
    let stack: Stack
    let server: PowerDNS
    let scenario: FaultScenario
    let keys: [String]
    private let domain: String

    /// How many zones a round has, and as many record sets: more than there are calls at a time.
    static let zoneCount = 16

    /// - Parameter files: more files of the stack, by path.
    init(
        _ scenario: FaultScenario, _ server: PowerDNS, _ place: FaultPlace, files: [String: String] = [:]
    ) throws {
        self.scenario = scenario
        self.server = server
        let id = UUID().uuidString.prefix(8).lowercased()
        domain = "r\(id).example.org"
        keys = (0..<Self.zoneCount).map { "k\($0)" }
        let stackFile = """
            stack: faults-\(id)
            \(place.stackLine)providers: {http: {dns: {api: powerdns, base_url: "${env.API_URL}", key: "${env.PDNS_KEY}"}}}

            """
        let url = server.environment["PDNS_URL"] ?? ""
        stack = try Stack(
            files.merging(["stack.yaml": stackFile]) { $1 },
            environment: server.environment.merging(place.environment) { $1 }.merging(["API_URL": url]) { $1 })
    }

    /// Makes what is there before the run, and writes the spec that the run applies.
    func prepare() async throws {
        if let first = scenario.firstSpec(keys, domain) {
            try stack.write("main.yaml", first)
            try await stack.apply()
        } else if scenario == .adopt {
            for key in keys { try await server.make("\(key).\(domain).") }
        }
        try stack.write("main.yaml", scenario.secondSpec(keys, domain))
    }

    func zones() async throws -> [PowerDNS.Zone] {
        try await server.zoneList().filter { $0.name.hasSuffix(".\(domain).") }
    }

    /// How many zones the run has dealt with.
    func progress() async throws -> Int { scenario.progress(try await zones(), of: keys.count) }

    /// What the state holds now; empty where nothing was ever recorded.
    func recorded() async throws -> RecordedZones {
        let pulled = try await stack.plumb("state", "pull")
        if pulled.code != 0, pulled.words.contains("Nothing is recorded") { return RecordedZones() }
        try #require(pulled.code == 0, "\(pulled.errors)")
        return try JSONDecoder().decode(RecordedZones.self, from: Data(pulled.output.utf8))
    }

    /// Applies once more, as anybody would, and counts what is wrong then.
    ///
    /// - Parameter isKilled: the run could tell nothing, so the next one must tell of what was left open.
    func settle(isKilled: Bool = false, into findings: inout FaultFindings) async throws {
        let open = isKilled ? try await recorded().openIntents.count : 0
        let next = try await stack.plumb("apply", "--auto-approve", deadline: 180)
        if next.code != 0 {
            findings.manualSteps += 1
            findings.problems.append("the next apply failed: \(next.words)")
        }
        if open > 0 {
            findings.expectTold(
                next.words.contains("An earlier run was interrupted:"), "\(open) open, not told: \(next.words)")
        }
        try await count(into: &findings)
        let plan = try await stack.plumb("plan", "--detailed-exitcode", deadline: 120)
        findings.expectConverged(plan.code == 0, "the plan is not empty: \(plan.words)")
        let verified = try await stack.plumb("state", "verify")
        findings.expectConverged(
            verified.code == 0 && verified.words.contains("The state is whole"), "verify: \(verified.words)")
    }

    /// Compares what exists with what is recorded and with what is declared.
    private func count(into findings: inout FaultFindings) async throws {
        let zones = try await zones().map(\.name)
        let records = try await records(of: zones)
        let existing = zones + records.map(\.name)
        let recorded = try await recorded()
        let rows = recorded.names.map { ($0.lowercased() + ".").replacing("..", with: ".") }
        let unknown = Set(existing).subtracting(rows)
        let absent = Set(rows).subtracting(existing)
        findings.orphans += unknown.count
        findings.phantoms += absent.count
        findings.duplicates += existing.count - Set(existing).count + rows.count - Set(rows).count
        if !unknown.isEmpty { findings.problems.append("unknown to the state: \(unknown.sorted())") }
        if !absent.isEmpty { findings.problems.append("recorded and not there: \(absent.sorted())") }
        let expected = scenario.expectedZones(keys, domain)
        findings.expectConverged(
            Set(zones) == expected, "the zones are \(zones.sorted()) and not \(expected.sorted())")
        findings.expectConverged(
            Set(records.map(\.name)) == Set(expected.map { "www.\($0)" })
                && records.allSatisfy { $0.addresses == [FaultScenario.address] },
            "the records are \(records)")
        findings.expectConverged(recorded.openIntents.isEmpty, "open: \(recorded.openIntents.map(\.address))")
        findings.expectConverged(
            recorded.resources.allSatisfy { $0.deposedKey == nil }, "something put aside is still recorded")
    }

    private func records(of zones: [String]) async throws -> [PowerDNS.AddressRecord] {
        var records: [PowerDNS.AddressRecord] = []
        for zone in zones { records += try await server.addressRecords(of: zone) }
        return records
    }

    /// Takes the round's zones from the server, so that the next rounds' lists stay short.
    func clean() async throws {
        for zone in try await zones() { try await server.remove(zone.name) }
    }
}

/// What `plumb state pull` tells of zones.
struct RecordedZones: Decodable, Sendable {
    var resources: [Row] = []
    var openIntents: [Open] = []

    struct Row: Decodable, Sendable {
        let address: String
        let deposedKey: String?
        let values: Values

        private enum CodingKeys: String, CodingKey {
            case address, values
            case deposedKey = "deposed_key"
        }
    }

    struct Values: Decodable, Sendable {
        let name: String?
    }

    /// The names of the recorded zones and record sets; a name twice where it is recorded twice.
    var names: [String] { resources.filter { $0.address.hasPrefix("powerdns_") }.compactMap(\.values.name) }

    struct Open: Decodable, Sendable {
        let address: String
        let action: String
    }

    private enum CodingKeys: String, CodingKey {
        case resources
        case openIntents = "open_intents"
    }
}
