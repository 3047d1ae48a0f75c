import Loading
import PlumbModel
import Testing

/// What a controller's file says of forges and notifications: what follows from what, and all that is wrong with it.
@Suite struct TellingConfigurationTests {
    private static func read(_ text: String) throws(Diagnostics) -> ControllerConfiguration {
        try ControllerReader.read(
            SourceFile(path: "controller.yaml", bytes: Array(text.utf8)), folder: "/etc/plumb")
    }

    private static func problems(_ text: String) -> [String] {
        do throws(Diagnostics) {
            _ = try read(text)
            return []
        } catch {
            return error.all.map { "\($0.source.map(\.description) ?? ""): \($0.summary): \($0.detail)" }
        }
    }

    private static func forge(_ url: String, _ forge: String) throws -> ForgeDeclaration {
        let read = try read("repositories: {infra: {url: \"\(url)\", forge: \(forge)}}")
        return try #require(read.repositories.first?.forge)
    }

    @Test(arguments: [
        ("https://github.com/acme/infra.git", "github", nil, "acme/infra"),
        ("git@github.com:acme/infra.git", "github", nil, "acme/infra"),
        ("ssh://git@ssh.github.com:443/acme/infra", "github", nil, "acme/infra"),
        ("https://code.example.org:8443/acme/infra/", "github", "https://code.example.org:8443/api/v3", "acme/infra"),
        ("git@gitlab.com:acme/team/infra.git", "gitlab", nil, "acme/team/infra"),
        ("ssh://git@gitlab.example.org:2222/a/b/c.git", "gitlab", "https://gitlab.example.org/api/v4", "a/b/c"),
        ("http://[::1]:3000/acme/infra", "gitea", "http://[::1]:3000/api/v1", "acme/infra"),
        ("https://codeberg.org/acme/infra", "gitea", "https://codeberg.org/api/v1", "acme/infra"),
    ])
    func whatIsNotSaidFollowsFromTheURL(_ url: String, _ type: String, _ api: String?, _ path: String) throws {
        let forge = try Self.forge(url, "{type: \(type), token: {env: TOKEN}}")
        #expect(forge.kind.rawValue == type && forge.api == api && forge.repository == path)
        #expect(forge.credentials == .token(.environment("TOKEN")))
        #expect(forge.statusName == "plumbline" && !forge.hasDriftIssues)
    }

    @Test func everythingCanBeSaid() throws {
        let forge = try Self.forge(
            "/srv/git/infra.git",
            "{type: github, api: \"https://ghe.example.org/api/v3\", repository: acme/infra, status: ops, drift_issues: true, "
                + "app: {id: 12345, installation: 678, key: {file: app.pem}}}")
        #expect(forge.api == "https://ghe.example.org/api/v3" && forge.repository == "acme/infra")
        #expect(forge.credentials == .app(id: "12345", key: .file("/etc/plumb/app.pem"), installation: 678))
        #expect(forge.statusName == "ops" && forge.hasDriftIssues)
        let silent = try Self.forge("https://github.com/a/b", "{type: github, token: {env: T}, status: false}")
        #expect(silent.statusName == nil)
    }

    @Test(arguments: [
        ("{type: githab, token: {env: T}}", "Unknown forge", "Did you mean \"github\"?"),
        ("{type: forgejo, token: {env: T}}", "Unknown forge", "Forgejo is a `gitea`."),
        ("{token: {env: T}}", "Forge has no type", "`github`, `gitlab`, `gitea`"),
        ("{type: github}", "Forge has no credentials", "`token: {env: NAME}`"),
        ("{type: github, token: ghp_secret}", "Secret in the configuration", "`token: {env: NAME}`"),
        ("{type: github, token: {env: T}, app: {id: 1, key: {env: K}}}", "Several credentials", "remove one"),
        ("{type: gitlab, app: {id: 1, key: {env: K}}}", "Wrong credentials", "GitLab has no Apps"),
        ("{type: github, app: {id: \"a b\", key: {env: K}}}", "Invalid App", "number"),
        ("{type: github, app: {id: 1}}", "App has no key", "`{file: app.pem}`"),
        ("{type: github, token: {env: T}, drift_isues: true}", "Unknown key", "Did you mean \"drift_issues\"?"),
        ("{type: github, token: {env: T}, drift_issues: maybe}", "Wrong kind of value", "drift_issues: true"),
        ("{type: github, token: {env: T}, status: \"a b\"}", "Invalid name", "`false` sends none"),
        ("{type: github, token: {env: T}, repository: infra}", "Invalid repository", "owner/name"),
        (
            "{type: gitea, token: {env: T}, api: \"git.example.org\"}", "Invalid address",
            "https://git.example.org/api/v1"
        ),
        ("{type: gitea, token: {env: T}, api: \"https://u:p@h/\"}", "Invalid address", "without a user"),
        ("github", "Wrong kind of value", "`forge`"),
    ])
    func forgesThatAreWrong(_ forge: String, _ summary: String, _ words: String) {
        let problems = Self.problems("repositories:\n  infra: {url: \"https://h/a/b\", forge: \(forge)}\n")
        #expect(problems.count == 1, "\(problems)")
        #expect(problems.first?.hasPrefix("controller.yaml:2") == true, "\(problems)")
        #expect(problems.first?.contains(summary) == true && problems.first?.contains(words) == true, "\(problems)")
    }

    @Test func aPathNamesNoForge() {
        let problems = Self.problems(
            "repositories: {infra: {url: /srv/infra.git, forge: {type: gitea, token: {env: T}}}}")
        #expect(problems.count == 2 && problems.contains { $0.contains("Forge has no address") }, "\(problems)")
    }

    // MARK: - Notifications

    private static func target(_ text: String) throws -> NotificationTarget {
        let whole = "repositories: {infra: {url: /srv/infra.git}}\nnotifications:\n  ops: \(text)\n"
        return try #require(try read(whole).notifications.first)
    }

    @Test(arguments: [
        ("smtps://mail.example.org", "", "mail.example.org", 465, MailRoute.Security.tls),
        ("smtp://mail.example.org", "", "mail.example.org", 587, .startTLS),
        ("smtp://mail.example.org:2525/", "", "mail.example.org", 2525, .startTLS),
        ("smtp://[::1]:25", ", plaintext: true", "[::1]", 25, MailRoute.Security.none),
        ("smtp://relay", ", plaintext: true", "relay", 25, MailRoute.Security.none),
    ])
    func mailServers(
        _ server: String, _ more: String, _ host: String, _ port: Int, _ security: MailRoute.Security
    ) throws {
        let target = try Self.target(
            "{type: email, server: \"\(server)\", from: p@example.org, to: ops@example.org\(more)}")
        guard case .email(let route) = target.channel else {
            Issue.record("no mail: \(target)")
            return
        }
        #expect(route.host == host && route.port == port && route.security == security)
        #expect(route.from == "p@example.org" && route.to == ["ops@example.org"] && route.login == nil)
    }

    @Test(arguments: [
        ("{type: mail, url: {env: U}}", "Unknown choice", "Did you mean \"email\"?"),
        ("{type: email, server: smtps://h, from: a@b}", "Notification is incomplete", "no `to`"),
        ("{type: email, server: \"https://h\", from: a@b, to: c@d}", "Invalid address", "smtps://"),
        (
            "{type: email, server: \"smtp://u:p@h\", from: a@b, to: c@d}", "Secret in the configuration",
            "password: {env"
        ),
        (
            "{type: email, server: \"smtp://h:99999\", from: a@b, to: c@d}", "Invalid address",
            "smtp://mail.example.org:587"
        ),
        ("{type: email, server: \"smtps://h\", plaintext: true, from: a@b, to: c@d}", "Contradiction", "remove one"),
        ("{type: email, server: \"smtps://h\", from: \"A <a@b>\", to: c@d}", "Invalid mail address", "ops@example.org"),
        (
            "{type: email, server: \"smtps://h\", from: a@b, to: \"c@d\\r\\nX\"}", "Invalid mail address",
            "addresses alone"
        ),
        ("{type: email, server: \"smtps://h\", from: a@b, to: []}", "Invalid list", "1 to 64"),
        ("{type: email, server: \"smtps://h\", from: a@b, to: c@d, user: {env: U}}", "Login is incomplete", "password"),
        (
            "{type: email, server: \"smtps://h\", from: a@b, to: c@d, user: u, password: {env: P}}", "Secret",
            "user: {env"
        ),
        (
            "{type: email, server: \"smtp://h\", plaintext: true, from: a@b, to: c@d, user: {env: U}, password: {env: P}}",
            "Password without TLS", "Remove `plaintext`"
        ),
        ("{type: slack, url: {env: U}, key: {env: K}}", "Unknown key", "type `slack`"),
        ("{type: webhook}", "Notification has no URL", "{env: SLACK_URL}"),
    ])
    func notificationsThatAreWrong(_ text: String, _ summary: String, _ words: String) {
        let problems = Self.problems(
            "repositories: {infra: {url: /srv/infra.git}}\nnotifications:\n  ops: \(text)\n")
        #expect(problems.count == 1, "\(problems)")
        #expect(problems.first?.hasPrefix("controller.yaml:3") == true, "\(problems)")
        #expect(problems.first?.contains(summary) == true && problems.first?.contains(words) == true, "\(problems)")
    }

    @Test(arguments: ["plumb.example.org", "https://a:b@h", "https://h/?x", "https://h/`"])
    func linksThatAreNone(_ url: String) {
        let problems = Self.problems(
            "repositories: {infra: {url: /srv/infra.git}}\nserver: {url: \"\(url)\"}\n")
        #expect(problems.count == 1 && problems.first?.contains("https://plumb.example.org") == true, "\(problems)")
    }
}
