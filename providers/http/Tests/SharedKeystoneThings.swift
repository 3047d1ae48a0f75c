import HTTPTransport
import PlumbModel
import Synchronization
import Testing

/// What several tests of Keystone refer to, made once. The ids are empty before.
final class SharedKeystoneThings: Sendable {
    private let ids = Mutex<[String: String]>([:])

    var domain: String { id("domain") }
    var project: String { id("project") }
    var role: String { id("role") }
    var group: String { id("group") }
    var user: String { id("user") }
    var otherUser: String { id("other user") }

    private func id(_ name: String) -> String { ids.withLock { $0[name] ?? "" } }

    /// - Parameter create: makes one of a kind and gives its id. Tests come one after the other.
    func make(_ create: (_ kind: String, _ values: Value) async throws -> String) async throws {
        guard domain.isEmpty else { return }
        var made: [String: String] = [:]
        for kind in ["domain", "project", "role", "group", "user"] {
            made[kind] = try await create(kind, ["name": .string("shared-\(kind)")])
        }
        made["other user"] = try await create("user", ["name": "shared-other-user"])
        ids.withLock { $0 = made }
    }
}

/// A token to ask Keystone with past the provider, got once.
actor KeystoneToken {
    private var token: String?

    func get(_ url: String, _ password: String) async throws -> String {
        if let token { return token }
        let domain: Value = ["name": "Default"]
        let body: Value = [
            "auth": [
                "identity": [
                    "methods": ["password"],
                    "password": ["user": ["name": "admin", "domain": domain, "password": .string(password)]],
                ],
                "scope": ["project": ["name": "admin", "domain": domain]],
            ]
        ]
        let answer = try await HTTPClient().send(
            HTTPRequest(
                "POST", url + "/auth/tokens", headers: ["Content-Type": "application/json"], body: Array(body.json.utf8)
            ))
        let new = try #require(answer.headers["X-Subject-Token"])
        token = new
        return new
    }
}
