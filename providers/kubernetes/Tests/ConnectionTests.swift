import Foundation
import HTTPTransport
import KubernetesFixtures
import PlumbModel
import ProviderAPI
import Testing

@testable import KubernetesProvider

/// A folder for kubeconfigs and programs; removed with the test.
private final class Folder {
    let path: String

    init() throws {
        path = FileManager.default.temporaryDirectory.appendingPathComponent("kube-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    @discardableResult
    func write(_ name: String, _ text: String, isProgram: Bool = false) throws -> String {
        let file = "\(path)/\(name)"
        try text.write(toFile: file, atomically: true, encoding: .utf8)
        try FileManager.default.setAttributes(
            [.posixPermissions: isProgram ? 0o700 : 0o600], ofItemAtPath: file)
        return file
    }
}

private func find(
    _ settings: Value = [:], _ environment: [String: String] = [:]
) throws -> ClusterAccess {
    let schema = ClusterSettings.schema
    let given = settings.asMap ?? ValueMap()
    let values = Value.object(ValueMap(schema.attributes.map { ($0.name, given[$0.name] ?? $0.defaultValue ?? .null) }))
    let configuration = ProviderConfiguration(
        instanceName: nil, values: values, range: nil, source: MemorySource(name: "none", contents: [:]),
        workingDirectory: "/")
    return try AccessFinder(settings: ClusterSettings(configuration, userAgent: "test"), environment: environment)
        .find()
}

/// A kubeconfig is read as kubectl reads it.
@Suite struct KubeconfigTests {
    private let folder: Folder

    init() throws { folder = try Folder() }

    private static let prod = """
        apiVersion: v1
        kind: Config
        current-context: prod
        clusters:
          - {name: prod, cluster: {server: "https://prod.example.com/", tls-server-name: api, proxy-url: "http://proxy:1"}}
        users:
          - name: me
            user:
              token: secret-token
              as: somebody
              as-groups: [a, b]
              as-user-extra: {scopes: [x]}
        contexts:
          - {name: prod, context: {cluster: prod, user: me, namespace: shop}}
          - {name: broken, context: {cluster: nowhere, user: me}}
          - {name: nobody, context: {cluster: prod, user: nobody}}
        """

    @Test func theCurrentContextCounts() throws {
        let access = try find(["kubeconfig": .string(try folder.write("config", Self.prod))])
        #expect(access.server == "https://prod.example.com")
        #expect(access.namespace == "shop")
        #expect(access.tls.serverName == "api")
        #expect(access.proxy == .server("http://proxy:1"))
        let headers = access.impersonation.headers.map { "\($0.0): \($0.1)" }
        #expect(
            headers == [
                "Impersonate-User: somebody", "Impersonate-Group: a", "Impersonate-Group: b",
                "Impersonate-Extra-scopes: x",
            ])
    }

    /// The first file that says something has said it; what does not exist is passed over.
    @Test func severalFilesAreMerged() throws {
        let first = try folder.write(
            "first",
            "current-context: both\ncontexts: [{name: both, context: {cluster: prod, user: other}}]\n"
                + "users: [{name: other, user: {tokenFile: token}}]\n")
        let second = try folder.write("second", Self.prod)
        let access = try find([:], ["KUBECONFIG": "\(folder.path)/missing:\(first):\(second)"])
        #expect(access.server == "https://prod.example.com")
        guard case .tokenFile(let path) = access.credentials else { Issue.record("no token file"); return }
        // Relative to the file that names it.
        #expect(path == "\(folder.path)/token")
    }

    @Test func wrongOnesSayWhatToDo() throws {
        let config = Value.string(try folder.write("config", Self.prod))
        let cases: [(Value, [String: String], String)] = [
            (["kubeconfig": config, "context": "prd"], [:], "has no context \"prd\". Did you mean \"prod\"?"),
            (["kubeconfig": config, "context": "broken"], [:], "names the cluster \"nowhere\", which is not there"),
            (["kubeconfig": config, "context": "nobody"], [:], "names the user \"nobody\", which is not there"),
            (["kubeconfig": "/does/not/exist"], [:], "does not exist"),
            ([:], ["HOME": folder.path], "There is no way to a cluster"),
            (["kubeconfig": .string(try folder.write("list", "- a\n"))], [:], "a kubeconfig is a mapping"),
            (["kubeconfig": .string(try folder.write("bad", "a: [\n"))], [:], "the kubeconfig cannot be read"),
            (
                ["kubeconfig": .string(try folder.write("empty", "contexts: []\n"))], [:], "has no current context"
            ),
        ]
        for (settings, environment, text) in cases {
            let error = #expect(throws: ProviderError.self) { try find(settings, environment) }
            #expect(error?.message.contains(text) == true, "\(error?.message ?? "")")
        }
    }

    /// Nothing listens there: all that is asked fails in the same words, and at once after the first.
    @Test func aClusterThatIsDownIsTriedOnce() async throws {
        let instance = try makeInstance(["host": "http://127.0.0.1:9"])
        let type = try instance.object
        let requests = (0..<200).map { number in
            PlanRequest(
                prior: nil,
                declared: declared([
                    "apiVersion": "v1", "kind": "ConfigMap", "metadata": ["name": .string("map-\(number)")],
                ]))
        }
        let plans = await type.plan(all: requests)
        let messages = plans.map { plan in if case .failure(let error) = plan { error.message } else { "" } }
        #expect(messages.count == 200)
        #expect(Set(messages).count == 1)
        #expect(messages.first?.hasPrefix("http://127.0.0.1:9 cannot be reached: ") == true, "\(messages.first ?? "")")
        #expect(messages.first?.contains("Is the cluster up") == true)
        await instance.close()
    }

    @Test func onlyWhatFailsAlikeFromTheBeginningIsGivenUp() {
        func note(_ count: Int, _ message: String, _ code: ProviderError.Code, _ failures: inout CommonFailure) {
            for _ in 0..<count { failures.note(.failure(ProviderError(code, message))) }
        }
        var alike = CommonFailure()
        note(7, "down", .unavailable, &alike)
        #expect(alike.error == nil)
        note(1, "down", .unavailable, &alike)
        #expect(alike.error?.message == "down")
        for code in [ProviderError.Code.invalid, .conflict, .unauthorized] {
            var other = CommonFailure()
            note(20, "wrong", code, &other)
            #expect(other.error == nil)
        }
        var mixed = CommonFailure()
        note(4, "down", .unavailable, &mixed)
        mixed.note(.success(ResourcePlan(planned: .null)))
        note(20, "down", .unavailable, &mixed)
        #expect(mixed.error == nil)
    }

    @Test func homeIsWrittenAsInAShell() throws {
        let home = try #require(KubeconfigReader.home)
        let error = #expect(throws: ProviderError.self) { try find(["kubeconfig": "~/no-such-kubeconfig"]) }
        #expect(error?.message.contains("\"\(home)/no-such-kubeconfig\" does not exist") == true)
    }

    @Test func insideOfAClusterTheAccountCounts() throws {
        try folder.write("token", "abc")
        try folder.write("namespace", "mine\n")
        let access = try find(
            [:],
            [
                "HOME": folder.path, "KUBERNETES_SERVICE_HOST": "10.0.0.1", "KUBERNETES_SERVICE_PORT": "443",
                "PLUMB_SERVICE_ACCOUNT_FOLDER": folder.path,
            ])
        #expect(access.server == "https://10.0.0.1:443")
        #expect(access.namespace == "mine")
    }

    @Test func expirationsAreRead() {
        #expect(Timestamp.seconds("1970-01-02T00:00:00Z") == 86_400)
        #expect(Timestamp.seconds("1970-01-02T00:00:00.123456Z") == 86_400)
        #expect(Timestamp.seconds("1970-01-02T02:00:00+02:00") == 86_400)
        #expect(Timestamp.seconds("tomorrow") == nil)
    }
}

extension ClusterSuites {
    /// Each way in, at a real server.
    @Suite struct AuthenticationTests {
        private let folder: Folder
        private let server: KubernetesServer

        init() async throws {
            folder = try Folder()
            server = try await KubernetesServer.shared()
        }

        private func kubeconfig(_ user: String, cluster: String? = nil) throws -> Value {
            let cluster = cluster ?? "{server: \"\(server.url)\", certificate-authority: \"\(server.authority)\"}"
            return .string(
                try folder.write(
                    "config-\(UUID().uuidString)",
                    """
                    current-context: t
                    clusters: [{name: t, cluster: \(cluster)}]
                    users: [{name: t, user: \(user)}]
                    contexts: [{name: t, context: {cluster: t, user: t}}]
                    """))
        }

        /// What the server calls a Namespace that everybody who may do all can read.
        private func isLetIn(_ settings: Value) async throws -> Bool {
            let instance = try makeInstance(settings)
            let found = try await instance.object.importResource(id: "Namespace/kube-system")
            await instance.close()
            return found != nil
        }

        @Test func tokensAndTokenFiles() async throws {
            #expect(try await isLetIn(["kubeconfig": try kubeconfig("{token: \(server.token)}")]))
            let file = try folder.write("token", server.token + "\n")
            #expect(try await isLetIn(["kubeconfig": try kubeconfig("{tokenFile: \(file)}")]))
            let refused = await #expect(throws: ProviderError.self) {
                try await isLetIn(["kubeconfig": try kubeconfig("{token: wrong}")])
            }
            #expect(refused?.code == .unauthorized)
        }

        @Test func certificatesInFilesAndInline() async throws {
            let files = "{client-certificate: \"\(server.keys)/client.crt\", client-key: \"\(server.keys)/client.key\"}"
            #expect(try await isLetIn(["kubeconfig": try kubeconfig(files)]))
            func encoded(_ name: String) throws -> String {
                try Data(contentsOf: URL(fileURLWithPath: "\(server.keys)/\(name)")).base64EncodedString()
            }
            let inline =
                "{client-certificate-data: \(try encoded("client.crt")), client-key-data: \(try encoded("client.key"))}"
            let cluster = "{server: \"\(server.url)\", certificate-authority-data: \(try encoded("ca.crt"))}"
            #expect(try await isLetIn(["kubeconfig": try kubeconfig(inline, cluster: cluster)]))
        }

        @Test func theServerIsChecked() async throws {
            let token = "{token: \(server.token)}"
            let stranger = "{server: \"\(server.url)\"}"
            let error = await #expect(throws: ProviderError.self) {
                try await isLetIn(["kubeconfig": try kubeconfig(token, cluster: stranger)])
            }
            #expect(error?.code == .unavailable)
            #expect(error?.message.contains("is told by `certificate-authority` in a kubeconfig") == true)
            let careless = "{server: \"\(server.url)\", insecure-skip-tls-verify: true}"
            #expect(try await isLetIn(["kubeconfig": try kubeconfig(token, cluster: careless)]))
        }

        @Test func impersonationIsSent() async throws {
            let error = await #expect(throws: ProviderError.self) {
                try await isLetIn(["kubeconfig": try kubeconfig("{token: \(server.token), as: nobody-special}")])
            }
            #expect(error?.message.contains("nobody-special") == true)
        }

        /// The program is asked once for many requests, and again when what it has told has expired.
        @Test(arguments: ["v1", "v1beta1"]) func programs(_ version: String) async throws {
            let log = "\(folder.path)/asked"
            try folder.write(
                "login",
                """
                #!/bin/sh
                echo asked >> "$LOG"
                cat <<END
                {"apiVersion": "client.authentication.k8s.io/\(version)", "kind": "ExecCredential",
                 "status": {"token": "\(server.token)", "expirationTimestamp": "$1"}}
                END
                """, isProgram: true)
            func user(_ expiration: String) -> String {
                "{exec: {apiVersion: client.authentication.k8s.io/\(version), command: ./login, args: [\"\(expiration)\"], "
                    + "env: [{name: LOG, value: \"\(log)\"}], interactiveMode: Never}}"
            }
            #expect(try await isLetIn(["kubeconfig": try kubeconfig(user("2099-01-01T00:00:00Z"))]))
            #expect(try String(contentsOfFile: log, encoding: .utf8).split(separator: "\n").count == 1)
        }

        @Test func aMissingProgramGivesItsHint() async throws {
            let user =
                "{exec: {apiVersion: client.authentication.k8s.io/v1, command: no-such-program-here, installHint: Get it.}}"
            let error = await #expect(throws: ProviderError.self) {
                try await isLetIn(["kubeconfig": try kubeconfig(user)])
            }
            #expect(error?.message.contains("no-such-program-here") == true)
            #expect(error?.message.contains("Get it.") == true)
        }
    }
}
