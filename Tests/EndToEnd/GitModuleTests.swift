import Foundation
import GitFixtures
import Testing

/// Modules from Git with the real binary: pinned by `plumb init`, planned without the network, applied from a saved plan.
struct GitModuleTests {
    /// A repository of modules: `net` calls `./part` and `../shared`, and reads its own file.
    private static func origin() throws -> TemporaryRepository {
        let origin = try TemporaryRepository()
        try origin.write(
            "net/main.yaml",
            """
            variables: {name: {type: string}}
            modules:
              part: {source: ./part}
              shared: {source: ../shared, inputs: {name: "${var.name}"}}
            resources:
              local_file.net:
                spec: {filename: "out/${var.name}", content: '${file("${path.module}/text")}'}
            outputs: {file: {value: "${local_file.net.filename}"}}

            """)
        try origin.write("net/text", "one")
        try origin.write("texts/a", "no module's")
        try origin.write("net/part/a.yaml", "resources: {data_value.part: {spec: {input: part}}}\n")
        try origin.write(
            "shared/a.yaml",
            """
            variables: {name: {type: string}}
            resources:
              local_file.shared:
                spec: {filename: "out/${var.name}-shared", content: '${file("${path.module}/../texts/a")}'}

            """)
        try origin.commit("one")
        try origin.git("tag", "v1")
        return origin
    }

    private static func call(_ source: String) -> String {
        "modules: {net: {source: \"git::\(source)\", inputs: {name: a}}}\noutputs: {file: {value: \"${module.net.file}\"}}\n"
    }

    private func stack(_ source: String, _ environment: [String: String] = [:]) throws -> Stack {
        try Stack(["main.yaml": Self.call(source)], environment: environment)
    }

    private func initialise(_ stack: Stack, _ arguments: String...) async throws -> ChildProcess.Result {
        let result = try await ProcessGate.shared.pass { [arguments] in
            await (try stack.start(["init"] + arguments)).result()
        }
        #expect(result.code == 0, "\(result.errors)")
        return result
    }

    private func advance(_ origin: TemporaryRepository, _ text: String) throws -> String {
        try origin.write("net/text", text)
        return try origin.commit(text)
    }

    // MARK: Pinning

    @Test func aPinnedModuleIsPlannedAndAppliedWithoutItsRepository() async throws {
        let origin = try Self.origin()
        let commit = try origin.git("rev-parse", "HEAD")
        let stack = try stack("file://\(origin.path)//net?ref=v1")
        let before = try await stack.plumb("plan")
        #expect(before.code == 1)
        #expect(before.words.contains("error: Module is not pinned"), "\(before.errors)")
        #expect(before.words.contains("Run `plumb init`, and commit plumb.lock.yaml."))
        let pinned = try await initialise(stack)
        #expect(pinned.output.contains("file://\(origin.path)?ref=v1: \(commit.prefix(7))"))
        let lock = try #require(stack.read("plumb.lock.yaml"))
        #expect(lock.contains("\n  \"file://\(origin.path)?ref=v1\": \"\(commit)\"\n"))
        try FileManager.default.moveItem(atPath: origin.path, toPath: origin.path + ".moved")
        defer { try? FileManager.default.removeItem(atPath: origin.path + ".moved") }
        let validated = try await stack.plumb("validate")
        #expect(validated.code == 0, "\(validated.errors)")
        try await stack.apply()
        try await stack.expectNoChanges()
        #expect(stack.read("out/a") == "one")
        #expect(stack.read("out/a-shared") == "no module's")
        #expect(
            try await stack.recorded() == [
                "module.net.local_file.net", "module.net.module.part.data_value.part",
                "module.net.module.shared.local_file.shared",
            ])
        #expect(try await stack.plumb("output").output.contains("out/a"))
        // Once all is pinned and fetched, init needs no server either, and says that it could not compare.
        let again = try await initialise(stack)
        #expect(again.words.contains("warning: Pins could not be compared with the server"), "\(again.errors)")
        #expect(stack.read("plumb.lock.yaml") == lock)
    }

    @Test func thePinHoldsUntilAnUpgradeShowsWhatMoves() async throws {
        let origin = try Self.origin()
        let stack = try stack("\(origin.path)//net?ref=main")
        _ = try await initialise(stack)
        try await stack.apply()
        let old = try origin.git("rev-parse", "HEAD")
        let new = try advance(origin, "two")
        let kept = try await initialise(stack)
        #expect(kept.output.contains("\(old.prefix(7)) (now \(new.prefix(7)); --upgrade takes it)"), "\(kept.output)")
        #expect(!kept.output.contains("plumb.lock.yaml has changed"))
        try await stack.expectNoChanges()
        let upgraded = try await initialise(stack, "--upgrade")
        #expect(upgraded.output.contains("\(origin.path)?ref=main: \(old.prefix(7)) -> \(new.prefix(7))"))
        #expect(upgraded.output.contains("plumb.lock.yaml has changed: commit it."))
        try await stack.apply()
        #expect(stack.read("out/a") == "two")
        let same = try await initialise(stack, "--upgrade")
        #expect(!same.output.contains("->") && !same.output.contains("has changed"), "\(same.output)")
    }

    @Test func aTagThatWasMovedIsWarnedAboutAndNotFollowed() async throws {
        let origin = try Self.origin()
        let stack = try stack("file://\(origin.path)//net?ref=v1")
        _ = try await initialise(stack)
        let lock = stack.read("plumb.lock.yaml")
        let new = try advance(origin, "two")
        try origin.git("tag", "-f", "v1")
        let warned = try await initialise(stack)
        #expect(warned.words.contains("warning: Tag was moved"), "\(warned.errors)")
        #expect(warned.words.contains("stands for \(new.prefix(12)) now"))
        #expect(stack.read("plumb.lock.yaml") == lock)
        try await stack.apply()
        #expect(stack.read("out/a") == "one")
        try origin.git("tag", "-d", "v1")
        #expect(try await initialise(stack).words.contains("warning: Module reference is gone"))
    }

    @Test func aLockedCommitIsFetchedAgainThoughItsBranchHasMovedOn() async throws {
        let origin = try Self.origin()
        let stack = try stack("file://\(origin.path)//net?ref=main")
        _ = try await initialise(stack)
        _ = try advance(origin, "two")
        try stack.remove(".plumb/modules")
        let missing = try await stack.plumb("plan")
        #expect(missing.code == 1)
        #expect(missing.words.contains("error: Module is not fetched"), "\(missing.errors)")
        _ = try await initialise(stack)
        try await stack.apply()
        #expect(stack.read("out/a") == "one")
    }

    @Test func theLockHoldsWhatIsCalledAndNothingElse() async throws {
        let origin = try Self.origin()
        let stack = try stack("\(origin.path)//net?ref=v1")
        _ = try await initialise(stack)
        try stack.write("main.yaml", Self.call("\(origin.path)//net"))
        _ = try await initialise(stack)
        let lock = try #require(stack.read("plumb.lock.yaml"))
        #expect(lock.contains("\"\(origin.path)\":") && !lock.contains("ref=v1"))
        try stack.write("main.yaml", "locals: {a: 1}\n")
        _ = try await initialise(stack)
        #expect(!stack.exists("plumb.lock.yaml"))
        try stack.write("main.yaml", Self.call("\(origin.path)//net"))
        try stack.write("plumb.lock.yaml", "version: 1\nmodules:\n  \"\(origin.path)\": main\n")
        let broken = try await stack.plumb("plan")
        #expect(broken.words.contains("error: Invalid lock file plumb.lock.yaml:3:"), "\(broken.errors)")
        try stack.write("plumb.lock.yaml", "version: 2\nmodules: {}\n")
        #expect(try await stack.plumb("plan").words.contains("error: Lock file of another version"))
    }

    // MARK: What is not there

    @Test func whatIsGoneIsSaidWithWhatIsNear() async throws {
        let origin = try Self.origin()
        let stack = try Stack()
        func problem(_ source: String) async throws -> String {
            try stack.write("main.yaml", Self.call(source))
            let result = try await stack.plumb("init")
            #expect(result.code == 1)
            #expect(!stack.exists("plumb.lock.yaml"))
            return result.words
        }
        let reference = try await problem("\(origin.path)//net?ref=v11")
        #expect(reference.contains("error: Unknown revision main.yaml:1:25"), "\(reference)")
        #expect(reference.contains("Did you mean \"v1\"?"))
        let folder = try await problem("\(origin.path)//nett?ref=v1")
        #expect(folder.contains("error: Folder is not in the revision main.yaml:1:25"), "\(folder)")
        #expect(folder.contains("Did you mean \"net\"?"))
        let repository = try await problem("\(origin.path)-gone//net")
        #expect(repository.contains("error: Git repository cannot be reached main.yaml:1:25"), "\(repository)")
        let root = try await problem(origin.path)
        #expect(root.contains("error: Module is empty"), "\(root)")
    }

    // MARK: Saved plans and revisions

    @Test func aSavedPlanIsAppliedWithoutCacheAndRepository() async throws {
        let origin = try Self.origin()
        let stack = try stack("file://\(origin.path)//net?ref=v1")
        _ = try await initialise(stack)
        #expect(try await stack.plumb("plan", "--out", "it.plan").code == 0)
        try stack.remove(".plumb/modules")
        try origin.git("tag", "-d", "v1")
        let applied = try await stack.plumb("apply", "it.plan")
        #expect(applied.code == 0, "\(applied.errors)")
        #expect(stack.read("out/a") == "one")
        #expect(stack.read("out/a-shared") == "no module's")
        #expect(!stack.exists(".plumb/modules"))
    }

    @Test func aSavedPlanIsStaleOnceThePinHasMoved() async throws {
        let origin = try Self.origin()
        let stack = try stack("file://\(origin.path)//net")
        _ = try await initialise(stack)
        #expect(try await stack.plumb("plan", "--out", "it.plan").code == 0)
        _ = try advance(origin, "two")
        _ = try await initialise(stack, "--upgrade")
        let applied = try await stack.plumb("apply", "it.plan")
        #expect(applied.code == 1)
        #expect(
            applied.words.contains("plumb.lock.yaml has changed since the plan was made from what was there"),
            "\(applied.errors)")
        #expect(stack.read("out/a") == nil)
    }

    @Test func aRevisionIsPlannedWithItsOwnLock() async throws {
        let origin = try Self.origin()
        let stack = try stack("file://\(origin.path)//net")
        try stack.write(".gitignore", ".plumb/\nout/\n")
        _ = try await initialise(stack)
        try await stack.shell("git init -q -b main && git add . && git commit -qm one && git tag first")
        _ = try advance(origin, "two")
        _ = try await initialise(stack, "--upgrade")
        try await stack.shell("git commit -qam two")
        #expect(try await stack.plumb("plan", "--rev", "first").output.contains("\"one\""))
        #expect(try await stack.plumb("plan", "--rev", "main").output.contains("\"two\""))
        // Elsewhere only what the directory pins has been fetched.
        try stack.remove(".plumb/modules")
        _ = try await initialise(stack)
        let missing = try await stack.plumb("plan", "--rev", "first")
        #expect(missing.code == 1)
        #expect(missing.words.contains("Run `plumb init --rev"), "\(missing.errors)")
        let lock = stack.read("plumb.lock.yaml")
        _ = try await initialise(stack, "--rev", "first")
        #expect(stack.read("plumb.lock.yaml") == lock)
        #expect(try await stack.plumb("plan", "--rev", "first").output.contains("\"one\""))
    }

    // MARK: Faults

    @Test func initKilledInTheMiddleOfAFetchIsRunAgain() async throws {
        let origin = try Self.origin()
        let home = try Stack()
        let stack = try stack("http://modules.invalid/.git//net?ref=v1", ["HOME": home.directory.path])
        let silent = try await GitServer("http", origin.path, "--stall-after", "200")
        try home.write(".gitconfig", Self.redirection(silent.port))
        let process = try stack.start(["init"])
        for _ in 0..<200 where !stack.fetchIsUnderWay { try await Task.sleep(for: .milliseconds(50)) }
        #expect(stack.fetchIsUnderWay)
        process.send(SIGKILL)
        #expect(await process.result().signal == SIGKILL)
        #expect(!stack.exists("plumb.lock.yaml"))
        #expect(try await stack.plumb("plan").words.contains("Module is not pinned"))
        let server = try await GitServer("http", origin.path)
        try home.write(".gitconfig", Self.redirection(server.port))
        _ = try await initialise(stack)
        #expect(!stack.fetchIsUnderWay, "what the killed fetch left is gone")
        try await stack.apply()
        #expect(stack.read("out/a") == "one")
    }

    private static func redirection(_ port: Int) -> String {
        "[url \"http://127.0.0.1:\(port)/\"]\n\tinsteadOf = http://modules.invalid/\n"
    }

    @Test func twoInitsAtOnceDoNotDisturbEachOther() async throws {
        let origin = try Self.origin()
        let stack = try stack("file://\(origin.path)//net?ref=v1")
        async let first = stack.plumb("init")
        async let second = stack.plumb("init")
        async let third = stack.plumb("init", "--upgrade")
        for result in try await [first, second, third] { #expect(result.code == 0, "\(result.errors)") }
        try await stack.apply()
        #expect(stack.read("out/a") == "one")
    }

    @Test func aSharedCacheServesManyStacks() async throws {
        let origin = try Self.origin()
        let cache = try Stack()
        let first = try stack("file://\(origin.path)//net?ref=v1", ["PLUMB_MODULE_CACHE": cache.path("modules")])
        let second = try stack("file://\(origin.path)//net?ref=v1", ["PLUMB_MODULE_CACHE": cache.path("modules")])
        #expect(try await initialise(first).errors.contains("fetching"))
        try second.write("plumb.lock.yaml", try #require(first.read("plumb.lock.yaml")))
        #expect(try await !initialise(second).errors.contains("fetching"))
        try await second.apply()
        #expect(!second.exists(".plumb/modules"))
    }

    // MARK: Identification

    @Test func aPrivateRepositoryIsReadWithATokenThatIsWrittenNowhere() async throws {
        let origin = try Self.origin()
        let server = try await GitServer("http", origin.path, "--user", "robot", "--password", "hunter2")
        let home = try Stack()
        let stack = try stack("http://127.0.0.1:\(server.port)/.git//net?ref=v1", ["HOME": home.directory.path])
        let refused = try await stack.plumb("init")
        #expect(refused.code == 1)
        #expect(refused.words.contains("error: Git server refuses access"), "\(refused.errors)")
        #expect(refused.words.contains("PLUMB_GIT_TOKEN_127_0_0_1"))
        let token = try await stack.plumb("init", environment: ["PLUMB_GIT_TOKEN_127_0_0_1": "robot:hunter2"])
        #expect(token.code == 0, "\(token.errors)")
        #expect(try await stack.plumb("plan", "--out", "it.plan").code == 0)
        try stack.remove(".plumb/modules")
        try home.write(
            ".gitconfig", "[credential]\n\thelper = \"!f() { echo username=robot; echo password=hunter2; }; f\"\n")
        let helper = try await initialise(stack)
        // As a setting of Git that holds a wrong one would show it.
        try home.write(
            ".gitconfig",
            "[url \"http://robot:hunter2@127.0.0.1:1/\"]\n\tinsteadOf = http://127.0.0.1:\(server.port)/\n")
        try stack.remove(".plumb/modules")
        let unreached = try await stack.plumb("init")
        #expect(unreached.code == 1)
        let said = [refused, token, helper, unreached].map { $0.output + $0.errors }.joined()
        #expect(!said.contains("hunter2"))
        try await stack.shell("! grep -r hunter2 .")
    }

    @Test(.enabled(if: SSHServer.isExpected, "OpenSSH's server is not installed"))
    func overSSHTheHostKeyMustBeKnown() async throws {
        let origin = try Self.origin()
        let home = try Stack(["tmp": ""])
        try await home.shell(
            "mkdir -m 700 .ssh && ssh-keygen -q -t ed25519 -N '' -f .ssh/id_ed25519 && ssh-keygen -q -t ed25519 -N '' -f host"
        )
        let server = try await GitServer(
            "ssh", origin.path, "--keys", home.path(".ssh/id_ed25519.pub"), "--host-key", home.path("host"))
        let stack = try stack(
            "ssh://\(NSUserName())@127.0.0.1:\(server.port)\(origin.path)//net?ref=v1", ["HOME": home.directory.path])
        let unknown = try await stack.plumb("init")
        #expect(unknown.code == 1)
        #expect(unknown.words.contains("error: Git server is not trusted"), "\(unknown.errors)")
        #expect(unknown.words.contains("`ssh-keyscan -p \(server.port) 127.0.0.1 >> ~/.ssh/known_hosts`"))
        try await home.shell("ssh-keyscan -p \(server.port) 127.0.0.1 >> .ssh/known_hosts 2>/dev/null")
        _ = try await initialise(stack)
        try await stack.apply()
        #expect(stack.read("out/a") == "one")
        try stack.remove(".plumb/modules")
        try home.remove(".ssh/id_ed25519")
        let refused = try await stack.plumb("init")
        #expect(refused.words.contains("error: Git server refuses access"), "\(refused.errors)")
        #expect(refused.words.contains("ssh-add"))
        try await home.shell(
            "ssh-keygen -q -t ed25519 -N '' -f other && sed -i \"s|ssh-ed25519 .*|$(cut -d' ' -f1,2 other.pub)|\" .ssh/known_hosts"
        )
        let changed = try await stack.plumb("init")
        #expect(changed.words.contains("error: Git server is not trusted"), "\(changed.errors)")
    }

    @Test func overHTTPSTheCertificateMustBeTrusted() async throws {
        let origin = try Self.origin()
        let files = try Stack()
        try await files.shell(
            "openssl req -x509 -newkey rsa:2048 -nodes -keyout key.pem -out cert.pem -days 2 -subj /CN=localhost "
                + "-addext subjectAltName=DNS:localhost 2>/dev/null")
        let server = try await GitServer(
            "http", origin.path, "--certificate", files.path("cert.pem"), "--key", files.path("key.pem"))
        let stack = try stack("https://localhost:\(server.port)/.git//net?ref=v1")
        let untrusted = try await stack.plumb("init")
        #expect(untrusted.code == 1)
        #expect(untrusted.words.contains("error: Git server is not trusted"), "\(untrusted.errors)")
        let trusted = try await stack.plumb("init", environment: ["SSL_CERT_FILE": files.path("cert.pem")])
        #expect(trusted.code == 0, "\(trusted.errors)")
        try await stack.apply()
        #expect(stack.read("out/a") == "one")
    }
}

/// Whether this machine has OpenSSH's server; in CI the test runs, and fails, without it.
private enum SSHServer {
    static let isExpected =
        ProcessInfo.processInfo.environment["CI"] != nil
        || FileManager.default.isExecutableFile(atPath: "/usr/sbin/sshd")
}

extension Stack {
    /// Whether a cache holds a pack that is not whole.
    fileprivate var fetchIsUnderWay: Bool {
        list(".plumb/modules").filter { $0.hasSuffix(".git") }.contains { cache in
            list(".plumb/modules/\(cache)/objects/pack").contains { $0.hasPrefix("pack_git2_") }
        }
    }
}
