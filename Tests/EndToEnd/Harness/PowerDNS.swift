import Foundation
import Testing
import ThrowawayServers

/// A PowerDNS of the test's own, from `Tests/Services/powerdns`; it ends with the test process at the latest.
final class PowerDNS: Sendable {
    /// In CI the tests run, and fail, without the server; elsewhere they are skipped visibly.
    static let isExpected =
        ProcessInfo.processInfo.environment["CI"] != nil
        || FileManager.default.isExecutableFile(atPath: "/usr/sbin/pdns_server")

    /// `PDNS_URL` and `PDNS_KEY`, as the examples want them.
    let environment: [String: String]
    private let folder: URL

    private static let script = Repository.root.appendingPathComponent("Tests/Services/powerdns").path

    static func start() async throws -> PowerDNS {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("plumb-pdns-\(UUID().uuidString)")
        let parent = String(ProcessInfo.processInfo.processIdentifier)
        let result = await
            (try ChildProcess(
                script, ["up", folder.path, parent], in: "/", environment: Plumb.environment, deadline: 60)).result()
        try #require(result.code == 0, "PowerDNS did not start: \(result.errors)")
        let words = result.output.split(whereSeparator: \.isWhitespace).map { $0.split(separator: "=", maxSplits: 1) }
        let variables = words.filter { $0.count == 2 }.map { (String($0[0]), String($0[1])) }
        return PowerDNS(folder, Dictionary(variables) { $1 })
    }

    private init(_ folder: URL, _ environment: [String: String]) {
        self.folder = folder
        self.environment = environment
    }

    deinit {
        _ = try? ThrowawayProcess.run(URL(fileURLWithPath: Self.script), ["down", folder.path])
        try? FileManager.default.removeItem(at: folder)
    }

    /// A zone as the server lists it.
    struct Zone: Decodable, Sendable {
        let name: String
        let account: String
    }

    /// The names of the zones that the server has, straight from its API; a name twice where it has it twice.
    func zones() async throws -> [String] { try await zoneList().map(\.name).sorted() }

    func zoneList() async throws -> [Zone] {
        try JSONDecoder().decode([Zone].self, from: Data(try await call("GET", "").utf8))
    }

    /// The records of type A of one name.
    struct AddressRecord: Sendable {
        let name: String
        let addresses: [String]
    }

    func addressRecords(of zone: String) async throws -> [AddressRecord] {
        struct Answer: Decodable {
            let rrsets: [RecordSet]
        }
        struct RecordSet: Decodable {
            let name: String
            let type: String
            let records: [Record]
        }
        struct Record: Decodable {
            let content: String
        }
        let answer = try JSONDecoder().decode(Answer.self, from: Data(try await call("GET", "/\(zone)").utf8))
        return answer.rrsets.filter { $0.type == "A" }.map {
            AddressRecord(name: $0.name, addresses: $0.records.map(\.content))
        }
    }

    /// Makes a zone behind everybody's back.
    func make(_ zone: String) async throws {
        let body = #"{"name": "\#(zone)", "kind": "Native", "nameservers": ["ns1.example.net."], "account": "v1"}"#
        _ = try await call("POST", "", body)
    }

    /// Gives a name another address behind everybody's back.
    func set(_ name: String, in zone: String, to address: String) async throws {
        let set =
            #"{"name": "\#(name)", "type": "A", "ttl": 300, "changetype": "REPLACE", "#
            + #""records": [{"content": "\#(address)", "disabled": false}]}"#
        _ = try await call("PATCH", "/\(zone)", #"{"rrsets": [\#(set)]}"#)
    }

    /// The server refuses now and then while it is busy.
    func remove(_ zone: String) async throws {
        for _ in 0..<9 {
            if try await send("DELETE", "/\(zone)").status < 500 { return }
            try await Task.sleep(for: .milliseconds(50))
        }
        _ = try await call("DELETE", "/\(zone)")
    }

    /// - Returns: the body of the answer.
    private func call(_ method: String, _ path: String, _ body: String = "") async throws -> String {
        let answer = try await send(method, path, body)
        try #require((200...299).contains(answer.status), "\(method) \(path): \(answer.status) \(answer.body)")
        return answer.body
    }

    private func send(_ method: String, _ path: String, _ body: String = "") async throws -> LoopbackRequest.Answer {
        let url = "\(environment["PDNS_URL"] ?? "")/servers/localhost/zones\(path)"
        let headers = ["X-API-Key": environment["PDNS_KEY"] ?? "", "Content-Type": "application/json"]
        return try await LoopbackRequest(method, url, headers: headers, body: body).send()
    }
}
