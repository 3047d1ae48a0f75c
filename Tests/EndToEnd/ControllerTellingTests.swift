import Foundation
import GitFixtures
import PlumbModel
import Testing
import ThrowawayServers

/// What a controller tells others: the forge, webhooks, people.
@Suite struct ControllerTellingTests {
    private static func site(_ sync: String, environment: [String: String] = [:]) throws -> ControllerSite {
        try ControllerSite(
            [
                "stacks/web/stack.yaml": "stack: web\nsync: \(sync)\n",
                "stacks/web/main.yaml": ControllerSite.file("motd", "one"),
            ], environment: environment.merging(["FORGE_TOKEN": PlayedForge.token]) { $1 })
    }

    private static func configure(_ site: ControllerSite, forge: String = "~", _ settings: String = "") throws {
        let text = """
            repositories:
              infra:
                url: "\(site.repository.path)"
                stacks: ["stacks/*"]
                interval: 200ms
                forge: \(forge)
            server: {listen: "unix:api.sock", url: "https://plumb.example.org/", open_metrics: true}
            \(settings)

            """
        try Data(text.utf8).write(to: site.folder.appendingPathComponent("controller.yaml"))
    }

    // MARK: - The forge

    @Test(.enabled(if: PlayedForge.isExpected), arguments: [PlayedForge.github, .gitlab, .gitea])
    func commitsBearHowTheirStacksStand(_ kind: PlayedForge) async throws {
        let site = try Self.site("{drift: {mode: heal, every: 300ms}}")
        let board = try await ForgeBoard(kind)
        try Self.configure(site, forge: board.settings())
        func words(of commit: String) async throws -> [String] {
            try await board.shown("statuses").filter { $0.json.contains(commit) }.map { status in
                let state = status[key: "state"] ?? status[key: "status"]
                let name = status[key: "context"] ?? status[key: "name"]
                return "\(name?.asString ?? "") \(state?.asString ?? ""): \(status[key: "description"]?.asString ?? "")"
            }
        }
        let failure = kind == .gitlab ? "failed" : "failure"
        try await site.running {
            let good = try site.repository.git("rev-parse", "HEAD")
            let converged = "plumbline/web success: Converged at revision \(good.prefix(12))"
            try await site.wait("success") { try await words(of: good).last == converged }
            #expect(
                try await board.shown("statuses").last?[key: "target_url"]?.asString
                    == "https://plumb.example.org/#/web")

            try site.write("stacks/web/main.yaml", "resources: [")
            let broken = try site.repository.commit()
            try await site.wait("failure") {
                try await words(of: broken).last?.hasPrefix("plumbline/web \(failure): The specs cannot be used")
                    == true
            }
            try site.write("stacks/web/main.yaml", ControllerSite.file("motd", "two"))
            let mended = try site.repository.commit()
            try await site.wait("success again") {
                try await words(of: mended).last?.hasPrefix("plumbline/web success: ") == true
            }
            // What does not concern the stack, and drift that is healed, is no news.
            let before = try await board.shown("statuses").count
            try site.write("README.md", "Nothing of a stack's.")
            let other = try site.repository.commit()
            try site.tamper("motd", "by hand")
            try await site.wait("motd", is: "two")
            try await Task.sleep(for: .seconds(1))
            #expect(try await words(of: other) == [])
            #expect(try await board.shown("statuses").count == before)
        }
        #expect(try await board.wrongs() == [])
    }

    @Test(.enabled(if: PlayedForge.isExpected), arguments: [PlayedForge.github, .gitea])
    func oneIssueTellsOfAStacksDriftAsLongAsItIs(_ kind: PlayedForge) async throws {
        let site = try Self.site("{drift: {mode: warn, every: 300ms}}")
        let board = try await ForgeBoard(kind)
        try Self.configure(site, forge: board.settings(", status: false, drift_issues: true"))
        let result = try await site.running {
            try await site.wait("motd", is: "one")
            // The forge is in trouble at first.
            try await board.fault("502", "POST .*/issues$", times: 2)
            try site.tamper("motd", "by `hand` @all")
            try await site.wait("the issue") { try await board.shown("issues").count == 1 }
            let issue = try #require(try await board.shown("issues").first)
            #expect(issue[key: "title"]?.asString == "Drift in `web`")
            let body = issue[key: "body"]?.asString ?? ""
            #expect(body.hasPrefix("<!-- plumbline: drift web -->"))
            for words in [
                "`local_file.motd`", "- `content`: `\"one\"` is now `` \"by `hand` @all\" ``; since ",
                "`plumb drift ignore local_file.motd content`", "[The stack](<https://plumb.example.org/#/web>)",
            ] { #expect(body.contains(words), "\(words): \(body)") }
            // Looks that find the same are no news.
            try await Task.sleep(for: .seconds(1.5))
            let writes = try await board.seen().filter { !$0.hasPrefix("GET") }
            try site.tamper("motd", "something else")
            try await site.wait("the edit") {
                try await board.shown("issues").first?[key: "body"]?.asString?.contains("something else") == true
            }
            #expect(try await board.seen().filter { !$0.hasPrefix("GET") }.count == writes.count + 1)
            try site.tamper("motd", "one")
            try await site.wait("the end") {
                try await board.shown("issues").first?[key: "state"]?.asString == "closed"
            }
            let last = try await board.shown("comments").last?[key: "body"]?.asString
            #expect(last?.hasPrefix("The drift in `web` is gone: it was in sync at revision") == true, "\(last ?? "")")
            #expect(try await board.shown("issues").count == 1)
            #expect(try await board.shown("statuses").isEmpty)
        }
        #expect(try result.logged("message to the forge is tried again").count <= 2)
        #expect(try await board.wrongs() == [])
    }

    /// A stack whose folder is gone is looked at no more: its issue would stay for ever.
    @Test(.enabled(if: PlayedForge.isExpected)) func theIssueOfAStackThatIsGoneIsClosed() async throws {
        let site = try Self.site("{drift: {mode: warn, every: 300ms}}")
        let board = try await ForgeBoard(.gitea)
        try Self.configure(site, forge: board.settings(", status: false, drift_issues: true"))
        try await site.running {
            try await site.wait("motd", is: "one")
            try site.tamper("motd", "by hand")
            try await site.wait("the issue") { try await board.shown("issues").count == 1 }
            try FileManager.default.removeItem(atPath: site.repository.path + "/stacks/web")
            try site.write("README.md", "No stacks any more.")
            try site.repository.commit()
            try await site.wait("the end") {
                try await board.shown("issues").first?[key: "state"]?.asString == "closed"
            }
            let last = try await board.shown("comments").last?[key: "body"]?.asString
            #expect(last?.hasPrefix("The stack `web` is no longer declared") == true, "\(last ?? "")")
        }
        #expect(try await board.wrongs() == [])
    }

    /// A forge that is not there keeps no stack from anything, and the controller from no end.
    @Test func aForgeThatIsAwayDelaysNothing() async throws {
        let site = try Self.site("{drift: {mode: heal, every: 300ms}}")
        try Self.configure(
            site, forge: "{type: gitea, api: \"http://127.0.0.1:1\", repository: a/b, token: {env: FORGE_TOKEN}}")
        let result = try await site.running {
            try await site.wait("motd", is: "one")
            try site.write("stacks/web/main.yaml", ControllerSite.file("motd", "two"))
            try site.repository.commit()
            try await site.wait("motd", is: "two")
        }
        #expect(result.errors.contains("message to the forge"), "\(result.errors)")
        #expect(!result.errors.contains(PlayedForge.token))
    }

    /// What nobody could be told is told by the controller that comes after.
    @Test(.enabled(if: PlayedForge.isExpected)) func whatCouldNotBeShownIsShownByTheNextOne() async throws {
        let site = try Self.site("{drift: {mode: heal, every: 300ms}}")
        let away = "{type: gitea, api: \"http://127.0.0.1:1\", repository: a/b, token: {env: FORGE_TOKEN}}"
        try Self.configure(site, forge: away)
        try await site.running { try await site.wait("motd", is: "one") }
        let board = try await ForgeBoard(.gitea)
        try Self.configure(site, forge: board.settings())
        try await site.running {
            try await site.wait("success") {
                try await board.shown("statuses").last?.json.contains("Converged at revision") == true
            }
        }
        // And once it is told, by nobody again.
        let count = try await board.seen().count
        try await site.running { try await Task.sleep(for: .seconds(2)) }
        #expect(try await board.seen().count == count)
    }

    // MARK: - Notifications

    private struct Post: Decodable {
        let target: String
        let body: String
        let headers: [String: String]
    }

    private static func seen(_ port: Int) async throws -> [Post] {
        let answer = try await LoopbackRequest("GET", "http://127.0.0.1:\(port)/_seen").send()
        return try JSONDecoder().decode([Post].self, from: Data(answer.body.utf8))
    }

    private static func receiver() async throws -> ThrowawayProcess {
        try await ThrowawayProcess(ThrowawayServer.services.appendingPathComponent("faulty-server"))
    }

    private static let key = "a-key-for-tests"

    @Test(.enabled(if: MailServers.isExpected && Program.isExpected("curl")))
    func webhooksChatsAndMailAreTold() async throws {
        let receiver = try await Self.receiver()
        let port = try receiver.port
        let mail = try await MailServers()
        let site = try Self.site(
            "{mode: auto}",
            environment: [
                "HOOK": "http://127.0.0.1:\(port)/hook/of-somebody", "CHAT": "http://127.0.0.1:\(port)/chat",
                "KEY": Self.key, "MAIL_USER": MailServers.user, "MAIL_PASSWORD": MailServers.password,
            ])
        try Self.configure(
            site,
            """
            notifications:
              hook: {type: webhook, url: {env: HOOK}, key: {env: KEY}}
              chat: {type: slack, url: {env: CHAT}, on: halted}
              away: {type: webhook, url: {file: away.url}}
              mail:
                type: email
                server: smtp://127.0.0.1:\(mail.startTLS)
                ca_file: \(mail.authority)
                from: plumb@example.org
                to: [ops@example.org]
                user: {env: MAIL_USER}
                password: {env: MAIL_PASSWORD}
              others: {type: slack, url: {env: CHAT}, stacks: ["db-*"]}
            """)
        try site.tamper("away.url", "http://127.0.0.1:1/nobody\n")
        let orders = "[{\"on\": \"POST /hook\", \"do\": \"status\", \"status\": 503, \"times\": 3}]"
        _ = try await LoopbackRequest("POST", "http://127.0.0.1:\(port)/_faults", body: orders).send()
        var posts: [Post] = []
        let result = try await site.running {
            try await site.wait("motd", is: "one")
            try site.write("stacks/web/main.yaml", "\"<!channel> & @all\": 1\n")
            try site.repository.commit()
            try await site.wait("all posts") {
                posts += try await Self.seen(port)
                return posts.count { $0.target.hasPrefix("/hook") } == 4 && posts.contains { $0.target == "/chat" }
            }
            try await site.wait("the mail") { try !mail.mails().isEmpty }
            try await site.wait("the count") {
                try await Self.metrics(site).contains("plumb_notifications_total{result=\"sent\",target=\"hook\"} 1\n")
            }
            #expect(try await Self.metrics(site).contains("plumb_notifications_waiting{target=\"away\"} 1\n"))
        }
        try Self.check(posts, in: site)
        let sent = try #require(try mail.mails().first)
        #expect(try mail.mails().count == 1 && sent.connection == "STARTTLS" && sent.user == MailServers.user)
        #expect(sent.subject == "[plumbline] web is halted" && sent.from == "plumb@example.org")
        #expect(sent.text.contains("<!channel> & @all") && sent.text.contains("https://plumb.example.org/#/web"))
        let left = try result.logged("notification was not taken")
        #expect(left.count == 1 && left.first?[key: "target"]?.asString == "away", "\(result.errors)")
        #expect(!result.errors.contains("of-somebody") && !result.errors.contains(MailServers.password))
    }

    private static func metrics(_ site: ControllerSite) async throws -> String {
        try await ProcessGate.shared.pass {
            await
                (try ChildProcess(
                    "/usr/bin/curl", ["-s", "--max-time", "10", "--unix-socket", "api.sock", "http://plumb/metrics"],
                    in: site.folder.path, environment: [:], deadline: 20)).result()
        }.output
    }

    private static func check(_ posts: [Post], in site: ControllerSite) throws {
        let hooks = posts.filter { $0.target.hasPrefix("/hook") }
        #expect(hooks.count == 4 && Set(hooks.map(\.body)).count == 1)
        let hook = try #require(hooks.last)
        let event = try Value(json: hook.body)
        #expect(event[key: "stack"]?.asString == "web" && event[key: "phase"]?.asString == "halted")
        #expect(hook.headers["Content-Type"] == "application/json")
        try Data(hook.body.utf8).write(to: site.folder.appendingPathComponent("body"))
        // By somebody else's hand.
        let sum = try site.repository.shell(
            "openssl dgst -sha256 -hmac \(key) < '\(site.folder.path)/body' | sed 's/.* //'")
        #expect(
            hook.headers["X-Plumbline-Signature-256"]
                == "sha256=" + sum.trimmingCharacters(in: .whitespacesAndNewlines))
        let chats = posts.filter { $0.target == "/chat" }
        #expect(chats.count == 1)
        let text = try #require(try Value(json: chats[0].body)[key: "text"]?.asString)
        #expect(text.contains("&lt;!channel&gt; &amp; @\u{200B}all") && !text.contains("<"), "\(text)")
        #expect(text.hasSuffix("\nhttps://plumb.example.org/#/web"))
    }

    /// What was begun to be told is told before the controller ends.
    @Test func theLastWordIsHeard() async throws {
        let receiver = try await Self.receiver()
        let site = try Self.site("{mode: auto}", environment: ["HOOK": "http://127.0.0.1:\(try receiver.port)/hook"])
        try Self.configure(site, "notifications: {hook: {type: webhook, url: {env: HOOK}}}")
        try site.write("stacks/web/main.yaml", "resources: [")
        try site.repository.commit()
        let orders = "[{\"on\": \"POST /hook\", \"do\": \"late\", \"seconds\": 1}]"
        _ = try await LoopbackRequest("POST", "http://127.0.0.1:\(try receiver.port)/_faults", body: orders).send()
        #expect(try await site.once().code == 1)
        #expect(try await Self.seen(try receiver.port).count == 1)
    }
}
