import Crypto
import Foundation
import HTTPTransport
import HTTPTypes
import PlumbModel
import SQLiteBackend
import StateBackendAPI
import Testing

@testable import Serving

/// What forges send, as their documentation has it, and what others send in their name.
@Suite struct WebhookTests {
    private static func push(_ name: String = "specs", _ mark: String = "1") -> String {
        """
        {"ref": "refs/heads/main", "before": "28e1879d029cb852e4844d9c718537df08844e03", "after": "\(mark)",
         "repository": {"id": 140, "full_name": "acme/\(name)", "clone_url": "https://forge.example.org/acme/\(name).git",
          "ssh_url": "git@forge.example.org:acme/\(name).git", "html_url": "https://forge.example.org/acme/\(name)"},
         "pusher": {"name": "alice"}}
        """
    }

    private static func gitLabPush(_ mark: String = "1") -> String {
        """
        {"object_kind": "push", "event_name": "push", "before": "95790bf891e76fee5e1747ab589903a6a1f80f22",
         "after": "\(mark)", "ref": "refs/heads/main", "user_username": "alice", "project_id": 15,
         "project": {"id": 15, "name": "specs", "web_url": "https://gitlab.example.org/acme/specs",
          "git_ssh_url": "git@gitlab.example.org:acme/specs.git",
          "git_http_url": "https://gitlab.example.org/acme/specs.git"}}
        """
    }

    private static func hex(_ body: String, _ secret: String) -> String {
        HMAC<SHA256>.authenticationCode(for: Array(body.utf8), using: SymmetricKey(data: Array(secret.utf8)))
            .map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
    }

    private static func gitHub(
        _ event: String, _ body: String, _ delivery: String = UUID().uuidString, secret: String = "secret of github"
    ) -> [(String, String)] {
        [
            ("X-GitHub-Event", event), ("X-GitHub-Delivery", delivery),
            ("X-Hub-Signature-256", "sha256=" + hex(body, secret)),
        ]
    }

    private static func gitLab(_ event: String, _ key: String = UUID().uuidString) -> [(String, String)] {
        [("X-Gitlab-Event", event), ("X-Gitlab-Token", "secret of gitlab"), ("X-Gitlab-Event-UUID", key)]
    }

    @Test func aPushWakesTheRepository() async throws {
        try await TestServer.run { (server: TestServer) async throws in
            let body = Self.push()
            let ofGitHub = try await server.ask(
                "POST", "/webhooks/github", body: body, headers: Self.gitHub("push", body))
            #expect(ofGitHub.status == 202, "\(ofGitHub.text)")
            #expect(try ofGitHub.json()["repositories"] == ["specs"])
            for (kind, mark) in [("Gitea", "g"), ("Forgejo", "f")] {
                let body = Self.push("specs", mark)
                let answer = try await server.ask(
                    "POST", "/webhooks/gitea", body: body,
                    headers: [
                        ("X-\(kind)-Event", "push"), ("X-\(kind)-Delivery", UUID().uuidString),
                        ("X-\(kind)-Signature", Self.hex(body, "secret of gitea")),
                    ])
                #expect(answer.status == 202, "\(answer.text)")
            }
            let ofGitLab = try await server.ask(
                "POST", "/webhooks/gitlab", body: Self.gitLabPush(), headers: Self.gitLab("Push Hook"))
            #expect(ofGitLab.status == 202, "\(ofGitLab.text)")
            let changes = server.plane.repositoryChanges
            #expect(changes.count == 4)
            #expect(
                changes.first == [
                    "https://forge.example.org/acme/specs.git", "git@forge.example.org:acme/specs.git",
                    "https://forge.example.org/acme/specs",
                ])
            #expect(changes.last?.contains("git@gitlab.example.org:acme/specs.git") == true)
            #expect(
                try await server.metric(#"plumb_webhooks_total{forge="github",result="accepted"}"#) == "1")
        }
    }

    @Test func whatIsNotProvenWakesNothing() async throws {
        try await TestServer.run { (server: TestServer) async throws in
            let body = Self.push()
            let good = Self.hex(body, "secret of github")
            let cases: [(String, [(String, String)])] = [
                ("none", []), ("empty", [("X-Hub-Signature-256", "")]),
                ("another secret", [("X-Hub-Signature-256", "sha256=" + Self.hex(body, "guess"))]),
                ("another body", [("X-Hub-Signature-256", "sha256=" + Self.hex(body + " ", "secret of github"))]),
                ("cut short", [("X-Hub-Signature-256", "sha256=" + good.prefix(32))]),
                ("without its kind", [("X-Hub-Signature-256", good)]),
                ("SHA-1 only", [("X-Hub-Signature", "sha1=" + good.prefix(40))]),
                ("no digits", [("X-Hub-Signature-256", "sha256=" + String(repeating: "z", count: 64))]),
            ]
            for (name, signature) in cases {
                let answer = try await server.ask(
                    "POST", "/webhooks/github", body: body,
                    headers: [("X-GitHub-Event", "push"), ("X-GitHub-Delivery", UUID().uuidString)] + signature)
                #expect(answer.status == 403, "\(name): \(answer.text)")
            }
            let token = [("X-Gitlab-Event", "Push Hook"), ("X-Gitlab-Token", "secret of gitla")]
            #expect(
                try await server.ask("POST", "/webhooks/gitlab", body: Self.gitLabPush(), headers: token).status == 403)
            #expect(
                try await server.ask(
                    "POST", "/webhooks/gitea", body: body, headers: [("X-Gitea-Signature", "sha256=" + good)]
                ).status == 403)
            #expect(server.plane.repositoryChanges.isEmpty)
            #expect(try await server.metric(#"plumb_webhooks_total{forge="github",result="unproven"}"#) == "8")
            let noted = try await server.audit()
            #expect(noted.count == 10 && noted.allSatisfy { $0["action"] == "webhook" && $0["outcome"] == "refused" })
            #expect(server.log.text.contains("not made with the secret"))
            #expect(!server.log.text.contains("secret of"))
        }
    }

    private static func commented(_ body: String, isPullRequest: Bool = true) -> String {
        """
        {"action": "created", "issue": {"number": 7\(isPullRequest ? ", \"pull_request\": {\"url\": \"x\"}" : "")},
         "comment": {"id": \(Int.random(in: 1...1 << 40)), "user": {"id": 2, "login": "ada"}, "body": "\(body)",
          "created_at": "2026-11-21T10:00:00Z", "updated_at": "2026-11-21T10:00:00Z", "html_url": "x"},
         "is_pull": \(isPullRequest), "repository": {"full_name": "acme/specs",
          "clone_url": "https://forge.example.org/acme/specs.git", "ssh_url": "git@forge.example.org:acme/specs.git"}}
        """
    }

    /// Only which pull request is meant is taken from it, and only where it is proven.
    @Test func whatHappensToAPullRequestWakesIt() async throws {
        try await TestServer.run { (server: TestServer) async throws in
            let body = Self.commented("plumb apply")
            let headers = Self.gitHub("issue_comment", body)
            let answer = try await server.ask("POST", "/webhooks/github", body: body, headers: headers)
            #expect(answer.status == 202, "\(answer.text)")
            #expect(try answer.json()["repositories"] == ["specs"])
            #expect(server.plane.repositoryChanges.last?.last == "#7")
            // Again, and forged.
            #expect(try await server.ask("POST", "/webhooks/github", body: body, headers: headers).status == 409)
            let forged = Self.gitHub("issue_comment", body, secret: "another")
            #expect(try await server.ask("POST", "/webhooks/github", body: body, headers: forged).status == 403)
            let ofGitea = Self.commented("plumb plan")
            let giteaHeaders = [
                ("X-Gitea-Event", "issue_comment"), ("X-Gitea-Delivery", UUID().uuidString),
                ("X-Gitea-Signature", Self.hex(ofGitea, "secret of gitea")),
            ]
            #expect(
                try await server.ask("POST", "/webhooks/gitea", body: ofGitea, headers: giteaHeaders).status == 202)
            let merge =
                #"{"object_kind": "merge_request", "user": {"id": 2, "username": "ada"}, "#
                + #""project": {"path_with_namespace": "acme/specs", "git_http_url": "https://gitlab.example.org/acme/specs.git"}, "#
                + #""object_attributes": {"iid": 9, "action": "merge", "last_commit": {"id": "\#(String(repeating: "a", count: 40))"}}}"#
            let ofGitLab = try await server.ask(
                "POST", "/webhooks/gitlab", body: merge, headers: Self.gitLab("Merge Request Hook"))
            #expect(ofGitLab.status == 202, "\(ofGitLab.text)")
            #expect(server.plane.repositoryChanges.map(\.last) == ["#7", "#7", "#9"])
            // Below an issue it is nobody's business, and neither is what lacks its number.
            let issue = Self.commented("plumb apply", isPullRequest: false)
            let broken =
                #"{"action": "opened", "pull_request": {}, "repository": {"clone_url": "https://x.example/specs"}}"#
            for (event, body) in [("issue_comment", issue), ("pull_request", broken)] {
                let answer = try await server.ask(
                    "POST", "/webhooks/github", body: body, headers: Self.gitHub(event, body))
                #expect(answer.status == 202 && answer.text.contains("Nothing is done"), "\(answer.text)")
            }
            #expect(server.plane.repositoryChanges.count == 3)
        }
    }

    @Test func aForgeWithoutASecretIsRefused() async throws {
        try await TestServer.run { settings in
            settings.webhooks = settings.webhooks.filter { $0.forge == .gitea }
        } _: { (server: TestServer) async throws in
            let body = Self.push()
            let answer = try await server.ask(
                "POST", "/webhooks/github", body: body, headers: Self.gitHub("push", body, secret: ""))
            #expect(answer.status == 403 && answer.text.contains("no webhook secret for github"))
            #expect(WebhookSecret(forge: .github, secret: "") == nil)
        }
    }

    @Test func aReplayedDeliveryWakesNothing() async throws {
        try await TestServer.run { (server: TestServer) async throws in
            let body = Self.push()
            let headers = Self.gitHub("push", body, "d-1")
            #expect(try await server.ask("POST", "/webhooks/github", body: body, headers: headers).status == 202)
            // The very same; the same body under another name, which is not signed; another body under the same name.
            let later = Self.push("specs", "2")
            for (body, headers) in [
                (body, headers), (body, Self.gitHub("push", body, "d-2")), (later, Self.gitHub("push", later, "d-1")),
            ] {
                let answer = try await server.ask("POST", "/webhooks/github", body: body, headers: headers)
                #expect(answer.status == 409, "\(answer.text)")
            }
            let lab = Self.gitLab("Push Hook", "k-1")
            #expect(
                try await server.ask("POST", "/webhooks/gitlab", body: Self.gitLabPush(), headers: lab).status == 202)
            #expect(
                try await server.ask("POST", "/webhooks/gitlab", body: Self.gitLabPush("2"), headers: lab).status == 409
            )
            #expect(server.plane.repositoryChanges.count == 2)
            #expect(try await server.metric(#"plumb_webhooks_total{forge="github",result="replayed"}"#) == "3")
        }
    }

    /// Of the same delivery sent twenty times at once, one is taken on.
    @Test func ofReplaysAtOnceOneIsTakenOn() async throws {
        try await TestServer.run { (server: TestServer) async throws in
            let body = Self.push()
            let headers = Self.gitHub("push", body, "d-1")
            let taken = try await withThrowingTaskGroup(of: Int.self) { group in
                for _ in 0..<20 {
                    group.addTask {
                        try await server.ask("POST", "/webhooks/github", body: body, headers: headers).status
                    }
                }
                return try await group.reduce(into: 0) { $0 += $1 == 202 ? 1 : 0 }
            }
            #expect(taken == 1)
            #expect(server.plane.repositoryChanges.count == 1)
        }
    }

    @Test func onlySoManyDeliveriesAreRemembered() async throws {
        try await TestServer.run { (server: TestServer) async throws in
            let memory = DeliveryMemory(server.store)
            for number in 0..<1_350 {
                let delivery = WebhookDelivery(.gitlab, [.gitLabEventUUID: "k-\(number)"], [])
                let isNew = try await memory.remember(delivery, now: 1)
                #expect(isNew)
            }
            let kept = try await server.store.records(of: "webhook-delivery")
            #expect(kept.count >= 1_000 && kept.count <= 1_100, "\(kept.count)")
            #expect(kept.contains { $0.key == "gitlab:k-1349" } && !kept.contains { $0.key == "gitlab:k-0" })
        }
    }

    @Test func otherEventsAreAnsweredAndWakeNothing() async throws {
        try await TestServer.run { (server: TestServer) async throws in
            let ping = #"{"zen": "Keep it logically awesome.", "hook_id": 1}"#
            let pong = try await server.ask(
                "POST", "/webhooks/github", body: ping, headers: Self.gitHub("ping", ping))
            #expect(pong.status == 200 && pong.text.contains("pong"))
            let star = #"{"action": "created"}"#
            #expect(
                try await server.ask("POST", "/webhooks/github", body: star, headers: Self.gitHub("star", star)).status
                    == 202)
            #expect(
                try await server.ask(
                    "POST", "/webhooks/gitlab", body: #"{"object_kind": "issue"}"#, headers: Self.gitLab("Issue Hook")
                ).status == 202)
            #expect(server.plane.repositoryChanges.isEmpty)
            let other = Self.push("unrelated")
            let unknown = try await server.ask(
                "POST", "/webhooks/github", body: other, headers: Self.gitHub("push", other))
            #expect(unknown.status == 202 && unknown.text.contains("No repository of the controller's configuration"))
        }
    }

    @Test func bodiesThatAreNoneAreRefused() async throws {
        try await TestServer.run { (server: TestServer) async throws in
            for (body, status) in [("{", 400), ("[]", 400), ("null", 400), (#"{"repository": {}}"#, 422), ("", 400)] {
                let answer = try await server.ask(
                    "POST", "/webhooks/github", body: body, headers: Self.gitHub("push", body))
                #expect(answer.status == status, "\(body): \(answer.text)")
            }
            let form = "payload=%7B%7D"
            let answer = try await server.ask(
                "POST", "/webhooks/github", body: form,
                headers: Self.gitHub("push", form) + [("Content-Type", "application/x-www-form-urlencoded")])
            #expect(answer.status == 415)
            #expect(server.plane.repositoryChanges.isEmpty)
        }
    }

    /// With curl, which says how much of its body was taken.
    @Test(arguments: [["-H", "Expect:"], ["-H", "Expect:", "-H", "Transfer-Encoding: chunked"], []])
    func ofABodyThatIsTooLongNoMoreThanTheLimitIsRead(_ words: [String]) async throws {
        try await TestServer.run { (server: TestServer) async throws in
            let file = FileManager.default.temporaryDirectory.appending(path: "body-\(UUID().uuidString.prefix(8))")
            try Data(count: 10 << 20).write(to: file)
            defer { try? FileManager.default.removeItem(at: file) }
            let curl = try await Program.run(
                [
                    "curl", "-s", "-o", "/dev/null", "-w", "%{http_code} %{size_upload}", "--max-time", "30",
                    "--limit-rate", "4M", "-H", "Content-Type: application/json", "-H", "X-GitHub-Event: push", "-H",
                    "X-Hub-Signature-256: sha256=00", "--data-binary", "@\(file.path)",
                ] + words + [server.base + "/webhooks/github"])
            let parts = curl.output.split(separator: " ")
            #expect(parts.first == "413", "\(curl)")
            #expect((parts.last.flatMap { Int($0) } ?? .max) < 7 << 20, "\(curl)")
            #expect(server.plane.repositoryChanges.isEmpty)
            #expect(try await server.metric(#"plumb_webhooks_total{forge="github",result="oversized"}"#) == "1")
            #expect(try await server.audit().count == 1)
        }
    }
}
