import Foundation
import Testing

/// `plumb secret`: what it writes is read by sops and age, and the other way round.
struct SecretCommandTests {
    private static let clear = """
        # canary-comment
        user: canary-user
        nested:
          port: 5432   # canary-behind
          list: [canary-one, "canary two"]
          text: |
            canary-line 1
            line 2
        open_unencrypted: yes it is
        """ + "\n"

    /// A stack with an identity in `keys.txt`.
    private func stack(_ files: [String: String] = [:]) async throws -> (stack: Stack, recipient: String) {
        let stack = try Stack(files, environment: ["SOPS_AGE_KEY_FILE": "keys.txt"])
        let made = try await stack.plumb("secret", "keygen", "--output", "keys.txt")
        #expect(made.code == 0, "\(made.errors)")
        let recipient = made.output.trimmingCharacters(in: .whitespacesAndNewlines)
        #expect(recipient.hasPrefix("age1"))
        return (stack, recipient)
    }

    private func mode(_ path: String) throws -> Int {
        let attributes = try FileManager.default.attributesOfItem(atPath: path)
        return (attributes[.posixPermissions] as? NSNumber)?.intValue ?? 0
    }

    @Test func aFileGoesThereAndBack() async throws {
        let (stack, recipient) = try await stack(["a.yaml": Self.clear])
        #expect(try mode(stack.path("keys.txt")) == 0o600)
        #expect(try await stack.plumb("secret", "keygen", "--output", "keys.txt").code == 1)
        let out = try await stack.plumb("secret", "encrypt", "-r", recipient, "a.yaml")
        #expect(out.code == 0 && !out.output.contains("canary"), "\(out.errors)")
        #expect(out.output.contains("open_unencrypted: yes it is"))
        #expect(stack.read("a.yaml") == Self.clear)
        try stack.write("a.yaml", out.output)
        let back = try await stack.plumb("secret", "decrypt", "a.yaml")
        #expect(back.output == Self.clear.replacing("[canary-one, ", with: "[\"canary-one\", "))
        let again = try await stack.plumb("secret", "encrypt", "-r", recipient, "a.yaml")
        #expect(again.code == 1 && again.words.contains("plumb secret edit"), "\(again.errors)")
        let over = try await stack.plumb("secret", "decrypt", "--output", "./a.yaml", "a.yaml")
        #expect(over.code == 1 && over.words.contains("--in-place"), "\(over.errors)")
        #expect(stack.read("a.yaml") == out.output)
        #expect(try await stack.plumb("secret", "decrypt", "--output", "b.yaml", "a.yaml").code == 0)
        #expect(try mode(stack.path("b.yaml")) == 0o600)
        #expect(try await stack.plumb("secret", "decrypt", "-i", "a.yaml").code == 0)
        #expect(stack.read("a.yaml")?.contains("canary-user") == true)
    }

    @Test func rulesAreTakenFromSopsOwnFile() async throws {
        let (stack, recipient) = try await stack(["deep/prod.yaml": Self.clear, "deep/other.yaml": Self.clear])
        try stack.write(
            ".sops.yaml",
            "creation_rules:\n  - {path_regex: 'prod\\.yaml$', encrypted_regex: ^nested$, age: \(recipient)}\n")
        #expect(try await stack.plumb("secret", "encrypt", "-i", "deep/prod.yaml").code == 0)
        let text = try #require(stack.read("deep/prod.yaml"))
        #expect(text.contains("user: canary-user") && !text.contains("canary-one") && text.contains("^nested$"))
        let none = try await stack.plumb("secret", "encrypt", "deep/other.yaml")
        #expect(none.code == 1 && none.words.contains("--recipient age1"), "\(none.errors)")
        try stack.write(".sops.yaml", "creation_rules: [{pgp: ABCD, age: \(recipient)}]\n")
        let other = try await stack.plumb("secret", "encrypt", "deep/other.yaml")
        #expect(other.code == 1 && other.words.contains("`pgp`"), "\(other.errors)")
    }

    @Test func anEditChangesWhatItChangesAndLeavesNothingBehind() async throws {
        let (stack, recipient) = try await stack(["a.yaml": Self.clear])
        _ = try await stack.plumb("secret", "encrypt", "-r", recipient, "-i", "a.yaml")
        let before = try #require(stack.read("a.yaml"))
        let places = "ls -ld \"$1\" \"$(dirname \"$1\")\" > \(stack.path("seen"))"
        try stack.write("editor.sh", "#!/bin/sh\n\(places)\nsed -i 's/canary-user/canary-new/' \"$1\"\n")
        let edited = try await stack.plumb("secret", "edit", "a.yaml", environment: ["EDITOR": "sh editor.sh"])
        #expect(edited.code == 0, "\(edited.errors)")
        let seen = try #require(stack.read("seen")).split(separator: "\n").map { $0.split(separator: " ") }
        #expect(seen.map { $0[0].prefix(10) } == ["-rw-------", "drwx------"])
        let folder = String(try #require(seen[1].last))
        #expect(!FileManager.default.fileExists(atPath: folder))
        let after = try #require(stack.read("a.yaml"))
        func lines(_ text: String) -> Set<Substring> { Set(text.split(separator: "\n")) }
        let changed = lines(after).subtracting(lines(before)).map { $0.drop { $0 == " " }.prefix { $0 != ":" } }
        #expect(Set(changed).isSubset(of: ["user", "mac", "lastmodified"]) && changed.contains("user"), "\(changed)")
        #expect(try await stack.plumb("secret", "decrypt", "a.yaml").output.contains("user: canary-new"))
        let same = try await stack.plumb("secret", "edit", "a.yaml", environment: ["EDITOR": "true"])
        #expect(same.code == 0 && same.words.contains("was not changed"))
        #expect(stack.read("a.yaml") == after)
        let failed = try await stack.plumb("secret", "edit", "a.yaml", environment: ["EDITOR": "false"])
        #expect(failed.code == 1 && failed.words.contains("The editor failed"), "\(failed.errors)")
        try stack.write("broken.sh", "echo 'canary: [' > \"$1\"\n")
        let broken = try await stack.plumb("secret", "edit", "a.yaml", environment: ["EDITOR": "sh broken.sh"])
        #expect(broken.code == 1 && !broken.words.contains("canary"), "\(broken.errors)")
        #expect(stack.read("a.yaml") == after)
    }

    @Test(arguments: [SIGTERM, SIGHUP])
    func aSignalRemovesTheClearText(_ signal: Int32) async throws {
        let (stack, recipient) = try await stack(["a.yaml": Self.clear])
        _ = try await stack.plumb("secret", "encrypt", "-r", recipient, "-i", "a.yaml")
        try stack.write("slow.sh", "echo \"$1\" > \(stack.path("seen.new")); mv seen.new seen; sleep 50\n")
        let process = try stack.start(["secret", "edit", "a.yaml"], ["EDITOR": "sh slow.sh"])
        while !stack.exists("seen") { try await Task.sleep(for: .milliseconds(20)) }
        let file = try #require(stack.read("seen")).trimmingCharacters(in: .newlines)
        #expect(FileManager.default.fileExists(atPath: file))
        process.send(signal)
        let result = await process.result()
        #expect(result.code != 0)
        #expect(!FileManager.default.fileExists(atPath: URL(fileURLWithPath: file).deletingLastPathComponent().path))
    }

    @Test func keysAreRotatedAndRecipientsChanged() async throws {
        let (stack, recipient) = try await stack(["a.yaml": Self.clear])
        _ = try await stack.plumb("secret", "keygen", "--output", "other.txt")
        let other = try #require(
            stack.read("other.txt")?.split(separator: "\n").first { $0.contains("public key: ") }?
                .split(separator: " ").last.map(String.init))
        _ = try await stack.plumb("secret", "encrypt", "-r", recipient, "-i", "a.yaml")
        let first = try #require(stack.read("a.yaml"))
        let theirs = ["SOPS_AGE_KEY_FILE": "other.txt"]
        #expect(try await stack.plumb("secret", "decrypt", "a.yaml", environment: theirs).code == 1)
        let added = try await stack.plumb("secret", "updatekeys", "-r", recipient, "-r", other, "a.yaml")
        #expect(added.code == 0, "\(added.errors)")
        #expect(try await stack.plumb("secret", "decrypt", "a.yaml", environment: theirs).code == 0)
        func user(_ text: String?) -> Substring? { text?.split(separator: "\n").first { $0.hasPrefix("user:") } }
        #expect(user(stack.read("a.yaml")) == user(first))
        #expect(try await stack.plumb("secret", "rotate", "-r", recipient, "a.yaml").code == 0)
        #expect(user(stack.read("a.yaml")) != user(first))
        #expect(try await stack.plumb("secret", "decrypt", "a.yaml", environment: theirs).code == 1)
        #expect(try await stack.plumb("secret", "decrypt", "a.yaml").output.contains("canary-user"))
    }

    @Test(.enabled(if: Terminal.isAvailable))
    func aPassphraseIsTypedUnseenAndTwice() async throws {
        let (stack, _) = try await stack(["notes.txt": "canary-notes\n"])
        let made = try await Terminal.plumb(
            "secret", "encrypt", "--passphrase", "--output", "notes.age", "notes.txt", in: stack,
            turns: [
                .init(asked: "passphrase for", answer: "hush hush\n"), .init(asked: "again", answer: "hush hush\n"),
            ])
        #expect(made.code == 0, "\(made.screen)")
        #expect(!made.screen.contains("hush"))
        let read = try await Terminal.plumb(
            "secret", "decrypt", "notes.age", in: stack, turns: [.init(asked: "Passphrase of", answer: "hush hush\n")])
        #expect(read.screen.contains("canary-notes"))
        let differing = try await Terminal.plumb(
            "secret", "encrypt", "--passphrase", "notes.txt", in: stack,
            turns: [.init(asked: "passphrase for", answer: "one\n"), .init(asked: "again", answer: "two\n")])
        #expect(differing.code == 1)
        let wrong = try await stack.plumb("secret", "decrypt", "notes.age", environment: ["PLUMB_AGE_PASSPHRASE": "no"])
        #expect(wrong.code == 1 && wrong.words.contains("not the passphrase"), "\(wrong.errors)")
        let nobody = try await stack.plumb("secret", "decrypt", "notes.age")
        #expect(nobody.code == 1 && nobody.words.contains("PLUMB_AGE_PASSPHRASE"), "\(nobody.errors)")
    }

    @Test(.enabled(if: Program.isExpected("age")))
    func ageReadsOurFilesAndWeReadThoseOfAge() async throws {
        let (stack, recipient) = try await stack(["notes.txt": "canary-notes\n"])
        for extra in [[], ["--binary"]] {
            let process = try stack.start(
                ["secret", "encrypt", "-r", recipient, "--output", "notes.age"] + extra + ["notes.txt"])
            #expect(await process.result().code == 0)
            #expect(try await stack.shell("age -d -i keys.txt notes.age") == "canary-notes\n")
            #expect(try await stack.plumb("secret", "decrypt", "notes.age").output == "canary-notes\n")
        }
        try await stack.shell("head -c 300000 /dev/urandom > big; age -r \(recipient) -o big.age big")
        try await stack.shell("'\(Plumb.path)' secret decrypt big.age | cmp - big")
        try await stack.shell("'\(Plumb.path)' secret encrypt -r \(recipient) - < big | age -d -i keys.txt | cmp - big")
        #expect(try await stack.shell("age-keygen -y keys.txt") == recipient + "\n")
    }

    @Test(.enabled(if: Program.isInstalled("sops")))
    func sopsReadsOurFilesAndWeReadThoseOfSops() async throws {
        let (stack, recipient) = try await stack(["a.yaml": Self.clear])
        let sops = "sops --disable-version-check"
        try await stack.shell("\(sops) encrypt --age \(recipient) a.yaml > theirs.yaml")
        let wanted = try await stack.shell("\(sops) decrypt theirs.yaml")
        for rules in [
            [], ["--encrypted-regex", "^(user|list)$"], ["--encrypted-regex", "^nested$", "--mac-only-encrypted"],
        ] {
            try stack.write("ours.yaml", Self.clear)
            let process = try stack.start(["secret", "encrypt", "-r", recipient, "-i"] + rules + ["ours.yaml"])
            #expect(await process.result().code == 0)
            #expect(try await stack.shell("\(sops) decrypt ours.yaml") == wanted)
            let edit = "EDITOR=\"sed -i s/canary-user/canary-new/\" \(sops) edit ours.yaml"
            try await stack.shell(edit)
            #expect(try await stack.plumb("secret", "decrypt", "ours.yaml").output.contains("canary-new"))
        }
        try stack.write("b.json", "{\"a\": \"canary\", \"n\": [1, 2.5, true, null], \"open_unencrypted\": 3}\n")
        _ = try await stack.plumb("secret", "encrypt", "-r", recipient, "-i", "b.json")
        #expect(try await stack.shell("\(sops) decrypt --extract '[\"a\"]' b.json") == "canary")
    }
}
