import Foundation
import HTTPTransport
import PlumbModel
import ProviderAPI
import Testing

/// `Tests/Services/token-server`, for as long as it is held, and a stack's file that describes it.
final class TokenServer: @unchecked Sendable {
    let url: String
    private let process = Process()
    private let input = Pipe()
    private let client = HTTPClient()

    /// - Parameter lifetime: of the first token, in seconds; the others are good for an hour.
    init(lifetime: Double = 3600) throws {
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = [
            "python3", PowerDNSServer.services.appendingPathComponent("token-server").path, String(lifetime),
        ]
        let output = Pipe()
        process.standardInput = input
        process.standardOutput = output
        try process.run()
        let line = String(decoding: output.fileHandleForReading.availableData, as: UTF8.self)
        url = "http://127.0.0.1:\(try #require(Int(line.trimmingCharacters(in: .whitespacesAndNewlines))))"
    }

    deinit {
        try? input.fileHandleForWriting.close()
    }

    func revoke() async throws {
        _ = try await client.send(HTTPRequest("POST", url + "/_revoke"))
    }

    /// How many tokens it has given, and the last form that asked for one.
    func given() async throws -> (tokens: Int, form: Value) {
        let body = try Value(json: await client.send(HTTPRequest("GET", url + "/_count")).body)
        return (body[key: "tokens"]?.asInt ?? 0, body[key: "form"] ?? .null)
    }

    /// An instance of the API with this `auth`.
    func instance(auth: String, key: String = "s3cr3t/+ &", _ more: [(String, Value)] = []) throws
        -> any ProviderInstance
    {
        try makeInstance(api: "./my.yaml", url: url, key: key, more, files: ["my.yaml": TokenServer.file(auth: auth)])
    }

    static func file(auth: String) -> String {
        """
        api: test
        variables: {user: {default: bob}}
        \(auth)
        types:
          test_thing:
            key: [name]
            schema:
              name: {type: string, required: true, forces_replacement: true}
              note: {type: string, default: ""}
            read: {get: "/things/${self.name}", live: "${response.body}"}
            create: {post: /things, body: {name: "${self.name}", note: "${self.note} ${var.user}"}}
            delete: {delete: "/things/${self.name}"}

        """
    }
}
