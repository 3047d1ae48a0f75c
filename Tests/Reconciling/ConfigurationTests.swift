import Loading
import PlumbModel
import Testing

@testable import Reconciling

/// What `plumb controller check` says of a configuration: each thing at its place, with what to do.
@Suite struct ConfigurationTests {
    private static let key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAv+hHZvIf7ThBjFEs4M4qr79EC2lRgizwAM0EPUp72X"

    private static func problems(
        _ text: String, environment: [String: String] = [:], now: Double = 1_790_000_000
    ) -> [Diagnostic] {
        let surroundings = Surroundings(environment: environment, now: now)
        do throws(Diagnostics) {
            return try ControllerReader.read(
                SourceFile(path: "controller.yaml", bytes: Array(text.utf8)), folder: "/nowhere"
            ) { surroundings.problem(with: $0, at: $1) }.warnings.all
        } catch {
            return error.all
        }
    }

    /// What is in the place of `…` is wrong, alone, and told in the second line.
    private func one(_ line: String, _ rest: String = "", _ expected: String, _ words: String) {
        let problems = Self.problems(
            "repositories:\n  infra: {\(line)}\n\(rest)"
        ).filter { $0.severity == .error }
        #expect(problems.count == 1 && problems.first?.summary == expected, "\(problems)")
        #expect(problems.first?.detail.contains(words) == true, "\(problems.map(\.detail))")
        #expect(problems.first?.source?.description.hasPrefix("controller.yaml:") == true)
    }

    @Test(arguments: [
        ("a[", "never closed"), ("../x", "leads outside"), ("", "it is empty"), ("/abs", "leads outside"),
        ("{a,../b}", "leads outside"),
    ])
    func folders(_ glob: String, _ words: String) {
        one("url: /srv/a, stacks: [\"ok/*\", \"\(glob)\"]", "", "Invalid glob", words)
    }

    @Test func eachGlobIsToldAtItsPlace() {
        let problems = Self.problems(
            "repositories:\n  a: {url: /srv/a, stacks: [\"a[\", \"../x\", \"\", \"/abs\", \"stacks/*\"]}\n")
        #expect(
            problems.map { $0.source?.description } == [29, 35, 43, 47].map { "controller.yaml:2:\($0)" }, "\(problems)"
        )
    }

    @Test(arguments: [
        ("branch: a..b", "Invalid branch", "`..`"), ("branch: \"-x\"", "Invalid branch", "begins with `-`"),
        ("branch: \"a b\"", "Invalid branch", "a space"), ("tag: \"v1.*\"", "Invalid tag", "`semver` takes a range"),
        ("branch: a.lock", "Invalid branch", "`.lock`"), ("branch: \"@{u}\"", "Invalid branch", "`@{`"),
        ("branch: a/.b", "Invalid branch", "begins with `.`"), ("branch: \"\"", "Invalid branch", "is empty"),
        ("semver: \"^x\"", "Invalid version range", "no number"),
        ("semver: \"one\"", "Invalid version range", "no version"),
    ])
    func targets(_ target: String, _ summary: String, _ words: String) {
        one("url: /srv/a, \(target)", "", summary, words)
    }

    @Test(arguments: ["main", "feature/a-b_c.d", "v1.2.0", "große-änderung", "a@b"])
    func namesThatGitHas(_ name: String) { #expect(ReferenceName.problem(with: name) == nil) }

    @Test(arguments: [
        ("git@h:a.git", "token: {env: T}", "is asked by SSH"), ("ssh://git@h/a", "token: {env: T}", "is asked by SSH"),
        ("https://h/a", "ssh_key: /k", "is asked by HTTP"), ("https://h/a", "known_hosts: /k", "is asked by HTTP"),
        ("http://h/a", "token: {env: T}", "Write `https://`"),
        ("http://127.example.org/a", "token: {env: T}", "Write `https://`"),
    ])
    func credentialsThatDoNotFit(_ url: String, _ credentials: String, _ words: String) {
        one("url: \"\(url)\", credentials: {\(credentials)}", "", "Credentials do not fit the URL", words)
    }

    @Test(arguments: [
        ("https://h/a", "token: {env: T}"), ("http://127.0.0.1:3000/a", "token: {env: T}"), ("git@h:a", "ssh_key: /k"),
        ("http://[::1]/a", "token: {env: T}"), ("/srv/a", "token: {env: T}"),
    ])
    func credentialsThatFit(_ url: String, _ credentials: String) {
        let problems = Self.problems("repositories: {a: {url: \"\(url)\", credentials: {\(credentials)}}}")
        #expect(!problems.contains { $0.severity == .error }, "\(problems)")
    }

    @Test(arguments: [
        ("bad", "no public key"), (key, "begins with the key"), ("alice ssh-ed25519", "nothing stands after"),
        ("alice ssh-ed25519 AAAA", "no such key"), ("alice ssh-rsa \(key.dropFirst(12))", "no such key"),
        ("# all", "names nobody"),
    ])
    func signers(_ line: String, _ words: String) {
        let found = Self.problems("repositories: {a: {url: /srv/a, signatures: {ssh: [\"\(line)\"]}}}")
        #expect(found.count == 1 && found.first?.summary == "Invalid signer", "\(found)")
        #expect(found.first?.detail.lowercased().contains(words) == true, "\(found.map(\.detail))")
    }

    @Test(arguments: [
        "alice@example.org \(key)", "*@example.org,bob namespaces=\\\"git\\\" \(key) a comment",
        "*@example.org cert-authority \(key)",
    ])
    func signersThatAreBelieved(_ line: String) {
        #expect(Self.problems("repositories: {a: {url: /srv/a, signatures: {ssh: \"\(line)\"}}}").isEmpty)
    }

    @Test(arguments: [
        ("state: {postgres: {url: \"postgres://u:hunter2@h/x\"}}", "Secret in the configuration", "PLUMB_STATE_URL"),
        ("state: {postgres: {url: \"host=h password=hunter2\"}}", "Secret in the configuration", "PLUMB_STATE_URL"),
        ("server: {listen: \"0.0.0.0:8470\"}", "Tokens would go over the network in the clear", "`plaintext: true`"),
        ("notifications: {a: {type: slack, url: {env: U}, stacks: \"a[\"}}", "Invalid glob", "`prod-*`"),
        ("defaults: {guard: {max_destroys: -1}}", "Invalid number", "here stands -1"),
        (
            "defaults: {windows: [{allow: \"61 * * * *\", for: 1h}]}", "Invalid schedule",
            "the field for the minute, \"61\""
        ),
        (
            "defaults: {windows: [{allow: \"@daily\", for: 1h, zone: Europe/Berlim}]}", "Unknown time zone",
            "Did you mean \"Europe/Berlin\"?"
        ),
    ])
    func others(_ rest: String, _ summary: String, _ words: String) { one("url: /srv/a", rest, summary, words) }

    @Test(arguments: [
        "${env.URL}", "postgres://u@h/x", "postgres://u:${env.WORD}@h/x", "host=h password=${env.WORD} user=u",
        "postgres://h/x?application_name=a:b@c",
    ])
    func statesWithoutSecrets(_ url: String) {
        let problems = Self.problems("repositories: {a: {url: /srv/a}}\nstate: {postgres: {url: \"\(url)\"}}\n")
        #expect(!problems.contains { $0.severity == .error }, "\(problems)")
    }

    @Test func aZoneIsToldBesideAllElse() {
        let problems = Self.problems(
            "repositories: {a: {url: /srv/a, branch: a..b}}\ndefaults: {windows: [{allow: \"@daily\", for: 1h, zone: Mars/Base}]}\n"
        )
        #expect(Set(problems.map(\.summary)) == ["Invalid branch", "Unknown time zone"])
        #expect(problems.contains { $0.source?.description.hasPrefix("controller.yaml:2:") == true })
    }

    @Test func whatIsMissingHereIsAWarning() {
        let problems = Self.problems(
            """
            repositories:
              a: {url: "https://h/a", credentials: {token: {env: GIT_TOKEN}}, signatures: {gpg: [nofile]}}
              b: {url: "git@h:b", credentials: {ssh_key: /nowhere/key}}
            state: {postgres: {url: "${env.STATE_URL}"}}
            server:
              tls: {certificate: tls.crt, key: tls.key}
              tokens: {old: {sha256: "\(String(repeating: "a", count: 64))", role: viewer, expires: 2020-01-01}}
              webhooks: {github: {env: HOOK}}
            """, environment: ["HOOK": "set"])
        #expect(problems.allSatisfy { $0.severity == .warning }, "\(problems)")
        let told = problems.map { problem in
            "\(problem.source?.location.line ?? 0) \(problem.summary) \(problem.detail.prefix { $0 != " " })"
        }.sorted()
        #expect(
            told == [
                "2 Environment variable is not set GIT_TOKEN", "2 File cannot be read /nowhere/nofile",
                "3 File cannot be read /nowhere/key", "4 Environment variable is not set STATE_URL",
                "6 File cannot be read /nowhere/tls.crt", "6 File cannot be read /nowhere/tls.key",
                "7 Token has expired It",
            ])
    }
}
