import Foundation
import HTTPTransport
import LibvirtFixtures

/// A gateway on the real libvirtd with a pool and a network of its own, and a client that speaks JSON to it.
struct TestGateway: Sendable {
    let server: LibvirtServer
    let process: GatewayProcess
    let client: HTTPClient

    /// On the libvirtd that all tests share, unless another one is given.
    init(_ more: [String] = [], on other: LibvirtServer? = nil) async throws {
        if let other { server = other } else { server = try await LibvirtServer.shared() }
        process = try GatewayProcess(uri: server.uri, more)
        client = TestGateway.client(process)
        try await awaitReady()
    }

    /// Goes on in the folder of another one that has ended.
    init(after old: TestGateway) async throws {
        server = old.server
        process = try GatewayProcess(uri: server.uri, folder: old.process.folder)
        client = TestGateway.client(process)
        try await awaitReady()
    }

    private static func client(_ process: GatewayProcess) -> HTTPClient {
        // A refusal is an answer here, and not waited out.
        HTTPClient(HTTPClient.Settings(proxy: .none, unixSocket: process.socket, retry: .none))
    }

    struct Timeout: Error, CustomStringConvertible {
        let description: String
    }

    private func awaitReady() async throws {
        try await eventually("the gateway is ready", within: 30) {
            (try? await client.send(HTTPRequest("GET", "http://gateway/health")))?.status == 200
        }
    }

    func eventually(_ what: String, within seconds: Double, _ check: () async throws -> Bool) async throws {
        let end = ContinuousClock.now + .seconds(seconds)
        while ContinuousClock.now < end {
            if try await check() { return }
            try await Task.sleep(for: .milliseconds(50))
        }
        throw Timeout(description: "not within \(seconds) seconds: \(what)\n\(process.log.suffix(3000))")
    }

    // MARK: Requests

    struct Reply: Sendable {
        let status: Int
        let headers: HTTPHeaders
        let body: [UInt8]

        var text: String { String(decoding: body, as: UTF8.self) }
        var etag: String { headers["ETag"] ?? "" }

        /// The value at a way down: `json("status", "state")`.
        func json(_ path: String...) -> Any? {
            var value = try? JSONSerialization.jsonObject(with: Data(body), options: .fragmentsAllowed)
            for name in path { value = (value as? [String: Any])?[name] }
            return value
        }

        var items: [[String: Any]] { json("items") as? [[String: Any]] ?? [] }
    }

    /// A JSON request. `body` is anything that JSONSerialization takes.
    func ask(
        _ method: String, _ path: String, _ body: Any? = nil, _ headers: HTTPHeaders = HTTPHeaders(),
        timeout: Duration = .seconds(60)
    ) async throws -> Reply {
        let data = try body.map { Array(try JSONSerialization.data(withJSONObject: $0)) } ?? []
        return try await ask(method, path, raw: data, "application/json", headers, timeout: timeout)
    }

    func ask(
        _ method: String, _ path: String, raw: [UInt8], _ type: String, _ headers: HTTPHeaders = HTTPHeaders(),
        timeout: Duration = .seconds(60)
    ) async throws -> Reply {
        var headers = headers
        if !raw.isEmpty { headers["Content-Type"] = type }
        let response = try await client.send(
            HTTPRequest(method, "http://gateway\(path)", headers: headers, body: raw, timeout: timeout))
        return Reply(status: response.status, headers: response.headers, body: response.body)
    }

    func upload(_ file: URL, to path: String) async throws -> Reply {
        let response = try await client.send(
            HTTPRequest(
                "PUT", "http://gateway\(path)/content", headers: ["Content-Type": "application/octet-stream"],
                bodyStream: .file(file.path), timeout: .seconds(300)))
        return Reply(status: response.status, headers: response.headers, body: response.body)
    }

    static func newUUID() -> String { UUID().uuidString.lowercased() }

    /// Made and running; the path of it.
    func makePool() async throws -> (uuid: String, path: String) {
        let uuid = TestGateway.newUUID()
        let target = process.pools.appendingPathComponent(uuid).path
        let reply = try await ask("PUT", "/v1/pools/\(uuid)", ["name": "p-\(uuid.prefix(8))", "target": target])
        guard reply.status == 201 else { throw Timeout(description: reply.text) }
        return (uuid, "/v1/pools/\(uuid)")
    }

    /// Everything that the tests have made here.
    func clear(pool: String) async throws {
        _ = try await ask("DELETE", "/v1/pools/\(pool)?contents=delete")
    }
}
