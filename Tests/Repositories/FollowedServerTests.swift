import Foundation
import GitFixtures
import PlumbModel
import Repositories
import Testing

/// Following through real servers: HTTPS with a token, SSH with a key, and servers that do not do what they should.
struct FollowedServerTests {
    @Test func aTokenOpensARepositoryOverHTTPS() async throws {
        let it = try Following()
        let commit = try it.commit("a", "1")
        try it.home.shell(
            "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -keyout key.pem -out cert.pem "
                + "-subj /CN=localhost -addext subjectAltName=DNS:localhost 2>/dev/null && echo s3cret > token && : > none"
        )
        let home = it.home.path
        let server = try await GitServer(
            "http", it.origin.path, "--user", "robot", "--password", "s3cret", "--certificate", home + "/cert.pem",
            "--key", home + "/key.pem")
        let url = "https://localhost:\(server.port)/.git"
        let trusting = ["SSL_CERT_FILE": home + "/cert.pem", "GIT_TOKEN": "robot:s3cret", "WRONG": "robot:wr0ng"]
        func look(_ credentials: RepositoryDeclaration.Credentials) async throws -> String {
            try await AnotherProcess(it, url: url, credentials: credentials, environment: trusting).answer()
        }
        #expect(try await look(.init(tokenFile: home + "/token", user: "robot")) == commit)
        #expect(try await look(.init(tokenVariable: "GIT_TOKEN")) == commit)
        let wrong = try await look(.init(tokenVariable: "WRONG"))
        #expect(wrong.hasPrefix("Git server refuses access: \(url) "), "\(wrong)")
        #expect(wrong.contains("the token in WRONG") && !wrong.contains("wr0ng"), "\(wrong)")
        func refusal(_ credentials: RepositoryDeclaration.Credentials) -> String {
            it.repository(url: url, credentials: credentials, environment: ["GIT_TOKEN": "robot:s3cret"]).refusal()
                ?? ""
        }
        let unset = refusal(.init(tokenVariable: "UNSET"))
        #expect(
            unset == "Git credentials cannot be read: The environment variable UNSET is not set, or empty. "
                + "Put the token into it.")
        let empty = refusal(.init(tokenFile: home + "/none"))
        #expect(empty.hasPrefix("Git credentials cannot be read: The file \(home)/none"), "\(empty)")
        // Who does not trust the authority never sends the token.
        let untrusted = refusal(.init(tokenVariable: "GIT_TOKEN"))
        #expect(untrusted.hasPrefix("Git server is not trusted: "), "\(untrusted)")
    }

    @Test(.enabled(if: isExpected("/usr/sbin/sshd")))
    func aKeyAndAKnownHostOpenARepositoryOverSSH() async throws {
        let it = try Following()
        let commit = try it.commit("a", "1")
        let home = it.home.path
        try it.home.shell(
            "for k in key other host newhost; do ssh-keygen -q -t ed25519 -N '' -C '' -f $k; done; "
                + "ssh-keygen -q -t ed25519 -N secret -C '' -f closed; : > nobody")
        let server = try await GitServer(
            "ssh", it.origin.path, "--keys", home + "/key.pub", "--host-key", home + "/host")
        let url = "ssh://\(NSUserName())@127.0.0.1:\(server.port)\(it.origin.path)"
        let host = "[127.0.0.1]:\(server.port)"
        func look(_ key: String, _ known: String) -> String {
            let followed = it.repository(
                url: url,
                credentials: .init(keyFile: home + "/" + key, knownHostsFile: home + "/" + known),
                environment: ["HOME": "/nowhere"])
            do {
                return try followed.newest().commit
            } catch {
                return error.all.first.map { "\($0.summary): \($0.detail)" } ?? ""
            }
        }
        let unknown = look("key", "nobody")
        #expect(
            unknown.hasPrefix("Git server is not trusted: \(url): \(home)/nobody has no key of the type ssh-ed25519"))
        #expect(unknown.contains("`ssh-keyscan -p \(server.port) 127.0.0.1 >> \(home)/nobody`"), "\(unknown)")
        try it.home.shell(
            "echo '\(host)' $(cut -d' ' -f1,2 host.pub) > plain; cp plain hashed; ssh-keygen -q -H -f hashed 2>/dev/null; "
                + "echo '\(host)' $(cut -d' ' -f1,2 newhost.pub) > changed; "
                + "(echo '# others'; echo 'x.example.org,*.0.0.1 ssh-rsa AAAA'; echo '*,![127.0.0.1]:*' $(cut -d' ' -f1,2 host.pub)) "
                + "> negated; (cat plain; echo '@revoked *' $(cut -d' ' -f1,2 host.pub)) > revoked")
        #expect(look("key", "plain") == commit)
        #expect(try it.home.shell("cat hashed").hasPrefix("|1|"))
        #expect(look("key", "hashed") == commit)
        let changed = look("key", "changed")
        #expect(changed.hasPrefix("Git server is not trusted: "), "\(changed)")
        #expect(
            changed.contains("is another one than \(home)/changed has") && changed.contains("SHA256:"), "\(changed)")
        #expect(look("key", "negated").contains("has no key of the type"))
        #expect(look("key", "revoked").contains("is revoked"))
        #expect(look("key", "missing").hasPrefix("Git credentials cannot be read: The file of known hosts"))
        let refused = look("other", "plain")
        #expect(refused.hasPrefix("Git server refuses access: "), "\(refused)")
        #expect(refused.contains("the key in \(home)/other"), "\(refused)")
        #expect(look("closed", "plain").hasPrefix("Git credentials cannot be read: The file \(home)/closed"))
    }

    @Test(arguments: ["http", "https", "ssh", "git"])
    func aServerThatNeverAnswersIsGivenUpAndLeavesNothingBehind(_ scheme: String) async throws {
        let it = try Following()
        // Takes connections in, and never says a word.
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(listener) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                #expect(bind(listener, $0, size) == 0)
                #expect(listen(listener, 100) == 0)
                #expect(getsockname(listener, $0, &size) == 0)
            }
        }
        let url = "\(scheme)://127.0.0.1:\(UInt16(bigEndian: address.sin_port))/x"
        let begin = ContinuousClock.now
        for _ in 0..<3 {
            let given = it.repository(url: url).refusal(FetchPatience(seconds: 0.3))
            #expect(given?.hasPrefix("Git server does not answer: \(url) ") == true, "\(given ?? "none")")
        }
        let stop = ContinuousClock.now + .milliseconds(300)
        let stopped = it.repository(url: url).refusal(FetchPatience { ContinuousClock.now > stop })
        #expect(stopped?.hasPrefix("Fetching was stopped: ") == true, "\(stopped ?? "none")")
        #expect(ContinuousClock.now - begin < .seconds(30))
        // What was asked has ended, though the server still holds the connections.
        let connections = { Self.connections(to: UInt16(bigEndian: address.sin_port)) }
        for _ in 0..<100 where connections() > 0 { try await Task.sleep(for: .milliseconds(50)) }
        #expect(connections() == 0)
    }

    /// Connections of this machine to a port that have not been closed on our side.
    private static func connections(to port: UInt16) -> Int {
        let remote = ":" + String(port, radix: 16, uppercase: true)
        let table = (try? String(contentsOfFile: "/proc/net/tcp", encoding: .utf8)) ?? ""
        // `sl local remote state …`; 01 is established.
        return table.split(separator: "\n").map { $0.split(separator: " ") }.count {
            $0.count > 3 && $0[2].hasSuffix(remote) && $0[3] == "01"
        }
    }

    @Test func aServerThatDripsIsGivenUpAtTheLimit() async throws {
        let it = try Following()
        try it.commit("a", "1")
        let server = try await GitServer("http", it.origin.path, "--stall-after", "100")
        let url = "http://127.0.0.1:\(server.port)/.git"
        let given = it.repository(url: url).refusal(FetchPatience(seconds: 60, limit: 1))
        #expect(given?.hasPrefix("Git server is too slow: ") == true, "\(given ?? "none")")
    }

    @Test func aFetchThatIsKilledIsGoneOnWith() async throws {
        let it = try Following()
        let first = try it.commit("a", "1")
        let healthy = try await GitServer("http", it.origin.path)
        let stalling = try await GitServer("http", it.origin.path, "--stall-after", "3000")
        // The URL must stay the same for the cache to be the same: a name in between leads to one server or the other.
        let relay = it.home.path + "/relay"
        func lead(to server: GitServer) throws {
            try it.home.shell(
                "printf '[url \"http://127.0.0.1:\(server.port)/\"]\\n\\tinsteadOf = relay://\\n' > '\(relay)'")
        }
        try lead(to: healthy)
        let settings = ["XDG_CONFIG_HOME": it.home.path + "/xdg", "HOME": it.home.path]
        try it.home.shell("printf '[include]\\n\\tpath = \(relay)\\n' > .gitconfig")
        let url = "relay:///.git"
        let before = try await AnotherProcess(it, url: url, environment: settings).answer()
        #expect(before == first)
        try it.origin.shell("head -c 300000 /dev/urandom > big")
        let second = try it.origin.commit("big")
        try lead(to: stalling)
        let killed = try AnotherProcess(it, url: url, environment: settings)
        let draft = it.cachePath(url) + "/objects/pack"
        var isFetching = false
        for _ in 0..<400 where !isFetching {
            try await Task.sleep(for: .milliseconds(50))
            isFetching = ((try? FileManager.default.contentsOfDirectory(atPath: draft)) ?? []).contains {
                $0.hasPrefix("pack_git2_")
            }
        }
        #expect(isFetching)
        try killed.kill()
        try lead(to: healthy)
        #expect(try await AnotherProcess(it, url: url, environment: settings).answer() == second)
        let left = try FileManager.default.contentsOfDirectory(atPath: draft).filter { $0.hasPrefix("pack_git2_") }
        #expect(left == [])
    }

    @Test func aFullDiskIsNotTakenForAServerThatIsAway() async throws {
        let it = try Following()
        try it.origin.shell("head -c 300000 /dev/urandom > big")
        let commit = try it.origin.commit("big")
        let server = try await GitServer("http", it.origin.path)
        let url = "http://127.0.0.1:\(server.port)/.git"
        let full = try await AnotherProcess(it, url: url, largestFile: 200).answer()
        #expect(full.hasPrefix("Repository cache cannot be written: What \(url) sends cannot be stored in "), "\(full)")
        #expect(try await AnotherProcess(it, url: url).answer() == commit)
    }

    @Test func twoProcessesShareACache() async throws {
        let it = try Following()
        var commit = try it.commit("a", "0")
        let server = try await GitServer("http", it.origin.path)
        let url = "http://127.0.0.1:\(server.port)/.git"
        for round in 1...2 {
            async let one = AnotherProcess(it, url: url).answer()
            async let other = AnotherProcess(it, url: url).answer()
            let ours = try it.repository(url: url).newest().commit
            let answers = try await [one, other, ours]
            #expect(answers == [commit, commit, commit])
            commit = try it.commit("a", "\(round)")
        }
    }

    private static func isExpected(_ program: String) -> Bool {
        ProcessInfo.processInfo.environment["CI"] != nil || FileManager.default.isExecutableFile(atPath: program)
    }
}
