import Foundation
import HTTPTransport
import KubernetesFixtures
import PlumbModel
import ProviderAPI
import Testing

@testable import KubernetesProvider

extension ClusterSuites {
    /// Faults of the network, of what is before the API server, and of the server itself.
    @Suite struct FaultTests {
        /// Something that goes wrong once or twice, and is outlived.
        struct Trouble: Sendable, CustomTestStringConvertible {
            let testDescription: String
            /// Of an order of the faulty server.
            let words: String

            init(_ name: String, _ words: String) { (testDescription, self.words) = (name, words) }

            func order(_ on: String) -> String { "[{\"on\": \"\(on)\", \"times\": 2, \(words)}]" }
        }

        private static func status(_ code: Int, _ message: String, _ reason: String = "", _ more: String = "") -> String
        {
            let body: Value = [
                "kind": "Status", "apiVersion": "v1", "status": "Failure", "message": .string(message),
                "reason": .string(reason), "code": .number(code),
            ]
            return "\"do\": \"status\", \"status\": \(code), \"body\": \(Value.string(body.json).json)\(more)"
        }

        static let troubles = [
            Trouble(
                "429 with Retry-After",
                status(429, "busy", "TooManyRequests", ", \"headers\": {\"Retry-After\": \"1\"}")),
            Trouble(
                "503 with Retry-After",
                status(503, "starting", "ServiceUnavailable", ", \"headers\": {\"Retry-After\": \"1\"}")),
            Trouble("500 of etcd", status(500, "etcdserver: request timed out", "InternalError")),
            Trouble("502 of a proxy", #""do": "status", "status": 502, "body": "<html>Bad Gateway</html>""#),
            Trouble("504", status(504, "timed out", "Timeout")),
            Trouble("409 of many writers", status(409, "the object has been modified", "Conflict")),
            Trouble("reset before the write", #""do": "reset""#),
            Trouble("reset after the write", #""do": "reset-after""#),
            Trouble("half an answer", #""do": "half""#), Trouble("no answer", #""do": "hang-after""#),
        ]

        private let server: KubernetesServer
        private let proxy: FaultyProxy
        private let namespace: String

        init() async throws {
            server = try await KubernetesServer.shared()
            namespace = try await server.newNamespace()
            proxy = try await FaultyProxy.start(before: server)
        }

        private func instance() throws -> any ProviderInstance {
            try makeInstance(["host": .string(proxy.url), "token": .string(server.token), "timeout": 1])
        }

        private func configMap(_ value: String) -> Value {
            declared([
                "apiVersion": "v1", "kind": "ConfigMap", "data": ["a": .string(value)],
                "metadata": ["name": "troubled", "namespace": .string(namespace)],
            ])
        }

        private var maps: String { "/api/v1/namespaces/\(namespace)/configmaps" }

        /// Made, read, changed, read and deleted through the same trouble: each is done once.
        @Test(arguments: troubles) func aPassingTroubleIsOutlived(_ trouble: Trouble) async throws {
            let type = try instance().object
            let first = try await type.plan(PlanRequest(prior: nil, declared: configMap("1")))
            try await proxy.order(trouble.order("PATCH \(maps)"))
            let made = try await type.create(CreateRequest(planned: first.planned, intent: "i"))
            let uid = try await server.ask("GET", "\(maps)/troubled").body[key: "metadata"]?[key: "uid"]?.asString
            #expect(uid != nil && uid == ObjectNotes(made.privateData).uid)
            // A conflict is no answer to somebody who reads.
            if !trouble.words.contains("409") { try await proxy.order(trouble.order("GET \(maps)")) }
            #expect(try await type.read(all: [made]).first != nil)
            try await proxy.order("[]")
            let second = try await type.plan(PlanRequest(prior: made, declared: configMap("2")))
            try await proxy.order(trouble.order("PATCH \(maps)"))
            let changed = try await type.update(UpdateRequest(prior: made, planned: second.planned, intent: "i"))
            let stored = try await server.ask("GET", "\(maps)/troubled").body
            #expect(stored[key: "data"]?[key: "a"] == "2")
            #expect(stored[key: "metadata"]?[key: "uid"]?.asString == uid)
            if trouble.words.contains("409") { return }
            try await proxy.order(trouble.order("DELETE \(maps)"))
            try await type.delete(DeleteRequest(prior: changed, intent: "i"))
            #expect(try await server.ask("GET", "\(maps)/troubled").status == 404)
        }

        /// What does not pass is told: who was asked for what, and what came back.
        @Test(arguments: [
            Trouble("the server answered 503", #""do": "status", "status": 503"#),
            Trouble("etcdserver: request timed out", status(500, "etcdserver: request timed out", "InternalError")),
            Trouble(
                "the server answered 502: <html>Bad Gateway</html>",
                #""do": "status", "status": 502, "body": "<html>Bad Gateway</html>""#),
            Trouble(
                "the answer is no JSON the Kubernetes API would give: hello",
                #""do": "status", "status": 200, "body": "hello""#),
            Trouble("the object has been modified", status(409, "the object has been modified", "Conflict")),
            Trouble("after 5 attempts", #""do": "half""#), Trouble("after 5 attempts", #""do": "reset""#),
            Trouble("no whole answer within 1.0 seconds", #""do": "hang""#),
        ])
        func aLastingTroubleIsTold(_ trouble: Trouble) async throws {
            let type = try instance().object
            let first = try await type.plan(PlanRequest(prior: nil, declared: configMap("1")))
            try await proxy.order(trouble.order("PATCH \(maps)").replacing("\"times\": 2", with: "\"times\": 50"))
            let error = await #expect(throws: ProviderError.self) {
                try await type.create(CreateRequest(planned: first.planned, intent: "i"))
            }
            let text = error?.message ?? ""
            #expect(text.hasPrefix("PATCH \(proxy.url)\(maps)/troubled"), "\(text)")
            #expect(text.contains(trouble.testDescription), "\(text)")
        }

        /// The token ends in the middle: the program is asked for another.
        @Test func aTokenThatExpiresIsRenewed() async throws {
            let folder = FileManager.default.temporaryDirectory.appendingPathComponent("expiring-\(UUID().uuidString)")
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            defer { try? FileManager.default.removeItem(at: folder) }
            let program = folder.appendingPathComponent("login")
            // The server knows the second token alone.
            try """
            #!/bin/sh
            token=\(server.token)
            [ -e "$0.asked" ] || token=expired
            touch "$0.asked"
            echo '{"apiVersion": "client.authentication.k8s.io/v1", "kind": "ExecCredential", "status": {"token": "'$token'"}}'
            """.write(to: program, atomically: true, encoding: .utf8)
            try FileManager.default.setAttributes([.posixPermissions: 0o700], ofItemAtPath: program.path)
            let config = folder.appendingPathComponent("config")
            try """
            current-context: t
            clusters: [{name: t, cluster: {server: "\(server.url)", certificate-authority: "\(server.authority)"}}]
            contexts: [{name: t, context: {cluster: t, user: t}}]
            users:
              - name: t
                user: {exec: {apiVersion: client.authentication.k8s.io/v1, command: "\(program.path)", interactiveMode: Never}}
            """.write(to: config, atomically: true, encoding: .utf8)
            let type = try makeInstance(["kubeconfig": .string(config.path)]).object
            let plan = try await type.plan(PlanRequest(prior: nil, declared: configMap("1")))
            _ = try await type.create(CreateRequest(planned: plan.planned, intent: "i"))
            #expect(try await server.ask("GET", "\(maps)/troubled").status == 200)
        }
    }

    /// A server that has answered is waited for; one that never did is not.
    @Suite struct OutageTests {
        @Test func onlyWhoHasAnsweredIsWaitedFor() async throws {
            let never = ServerOutage(longest: .seconds(60))
            #expect(await never.outlasts("refused", since: .now) == false)
            let known = ServerOutage(longest: .seconds(60))
            known.end()
            #expect(await known.outlasts("refused", since: .now))
            #expect(await known.outlasts("refused", since: .now - .seconds(61)) == false)
            let brief = ServerOutage(longest: .milliseconds(10))
            brief.end()
            #expect(await brief.outlasts("refused", since: .now))
            // It is away for too long by now, for whoever begins only now too.
            #expect(await brief.outlasts("refused", since: .now) == false)
            brief.end()
            #expect(await brief.outlasts("refused", since: .now))
        }
    }
}
