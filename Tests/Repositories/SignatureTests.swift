import Foundation
import GitFixtures
import PlumbModel
import Repositories
import Testing

/// Signed commits and tags, made by Git with real keys.
struct SignatureTests {
    /// Keys made by ssh-keygen and gpg, and a repository whose commits they sign.
    private final class Signing {
        let it: Following

        init() throws {
            it = try Following()
            try it.commit("a", "0")
        }

        /// - Returns: the public key.
        @discardableResult
        func makeSSHKey(_ name: String, type: String = "ed25519") throws -> String {
            try it.home.shell("ssh-keygen -q -t \(type) -N '' -C '' -f \(name)")
            return try it.home.shell("cut -d' ' -f1,2 \(name).pub")
        }

        private func git(_ format: String, _ key: String, _ words: String) throws -> String {
            try it.home.shell(
                "export GNUPGHOME=\"$PWD/gpg\"; git -C '\(it.origin.path)' -c user.name=T -c user.email=t@example.org "
                    + "-c gpg.format=\(format) -c user.signingkey='\(key)' \(words) && git -C '\(it.origin.path)' rev-parse HEAD"
            )
        }

        @discardableResult
        func commitSSH(_ key: String, _ message: String = "signed") throws -> String {
            try git("ssh", it.home.path + "/" + key, "commit -q --allow-empty -S -m '\(message)'")
        }

        func tagSSH(_ key: String, _ tag: String) throws {
            _ = try git("ssh", it.home.path + "/" + key, "tag -s -m \(tag) \(tag)")
        }

        @discardableResult
        func commitGPG(_ user: String) throws -> String {
            try git("openpgp", user, "commit -q --allow-empty -S -m signed")
        }

        /// - Returns: the file of the public key.
        func makeGPGKey(_ user: String, expiry: String = "0") throws -> String {
            try it.home.shell(
                "mkdir -p -m 700 gpg && export GNUPGHOME=\"$PWD/gpg\" && gpg -q --batch --pinentry-mode loopback "
                    + "--passphrase '' --quick-gen-key \(user) ed25519 sign \(expiry)")
            return try export(user)
        }

        func export(_ user: String) throws -> String {
            try it.home.shell(
                "export GNUPGHOME=\"$PWD/gpg\"; gpg -q --batch --yes --armor -o \(user).asc --export \(user)")
            return "\(it.home.path)/\(user).asc"
        }

        deinit {
            // The agent that gpg has started ends with the folder of its socket; it is not waited for.
            _ = try? it.home.shell("GNUPGHOME=\"$PWD/gpg\" gpgconf --kill all 2>/dev/null; true")
        }

        func look(
            _ signers: RepositoryDeclaration.Signers, _ target: RepositoryDeclaration.Target = .branch("main")
        ) -> String {
            do {
                return try it.repository(target, signers: signers).newest().signer ?? "nobody was asked for"
            } catch {
                return error.all.first.map { "\($0.summary): \($0.detail)" } ?? ""
            }
        }
    }

    @Test func sshSignaturesAreToldApart() throws {
        let signing = try Signing()
        let alice = try signing.makeSSHKey("alice")
        let rsa = try signing.makeSSHKey("rsa", type: "rsa")
        let ecdsa = try signing.makeSSHKey("ecdsa", type: "ecdsa")
        try signing.makeSSHKey("mallory")
        let trusted = RepositoryDeclaration.Signers(ssh: [
            "alice@example.org namespaces=\"git\" \(alice)", "*@robots.example.org \(rsa)",
            "carol@example.org \(ecdsa)",
        ])
        let unsigned = signing.look(trusted)
        #expect(unsigned.hasPrefix("Commit is not signed: "), "\(unsigned)")
        try signing.commitSSH("alice")
        #expect(signing.look(trusted) == "alice@example.org")
        try signing.commitSSH("rsa")
        #expect(signing.look(trusted) == "*@robots.example.org")
        let good = try signing.commitSSH("ecdsa")
        #expect(signing.look(trusted) == "carol@example.org")
        try signing.commitSSH("mallory")
        let stranger = signing.look(trusted)
        #expect(stranger.hasPrefix("Signer is not trusted: The commit "), "\(stranger)")
        #expect(stranger.contains("the ED25519 key SHA256:"), "\(stranger)")
        // The one before is still what is in use.
        #expect(try signing.it.repository(signers: trusted).last()?.commit == good)
        #expect(try signing.it.repository(signers: trusted).last()?.signer == "carol@example.org")
        // With other signers nothing has been looked at yet.
        #expect(try signing.it.repository(signers: .init(ssh: ["a \(alice)"])).last() == nil)
        try signing.commitSSH("alice", "again")
        #expect(signing.look(trusted) == "alice@example.org")
        let elsewhere = signing.look(.init(ssh: ["alice@example.org namespaces=\"file\" \(alice)"]))
        #expect(elsewhere.hasPrefix("Signer is not trusted: "), "\(elsewhere)")
        let expired = signing.look(.init(ssh: ["alice@example.org valid-before=\"20200101\" \(alice)"]))
        #expect(expired.hasPrefix("Signing key is not valid: "), "\(expired)")
        #expect(expired.contains("key has expired"), "\(expired)")
        let early = signing.look(.init(ssh: ["alice@example.org valid-after=\"29990101\" \(alice)"]))
        #expect(early.hasPrefix("Signing key is not valid: "), "\(early)")
        let revoked = signing.look(.init(ssh: ["alice@example.org \(alice)"], revokedSSH: [alice]))
        #expect(revoked.hasPrefix("Signing key was revoked: "), "\(revoked)")
        let none = signing.look(.init())
        #expect(none.hasPrefix("No signers: "), "\(none)")
        let nonsense = signing.look(.init(ssh: ["nonsense"]))
        #expect(nonsense.hasPrefix("Signer is not trusted: "), "\(nonsense)")
    }

    @Test(arguments: ["alice", "gpg"])
    func aSignatureOverSomethingElseIsNone(_ key: String) throws {
        let signing = try Signing()
        let signers: RepositoryDeclaration.Signers
        if key == "gpg" {
            signers = .init(gpgKeyFiles: [try signing.makeGPGKey("gpg")])
            try signing.commitGPG("gpg")
        } else {
            signers = .init(ssh: ["alice@example.org \(try signing.makeSSHKey("alice"))"])
            try signing.commitSSH("alice")
        }
        // The same signature under another message.
        let forged = try signing.it.origin.shell(
            "git cat-file commit HEAD | sed 's/^signed$/forged/' > /tmp/$$.commit && git hash-object -t commit -w "
                + "/tmp/$$.commit; rm /tmp/$$.commit")
        try signing.it.origin.git("update-ref", "refs/heads/main", forged)
        let told = signing.look(signers)
        #expect(told.hasPrefix("Signature does not match: "), "\(told)")
    }

    @Test func gpgSignaturesAreToldApart() throws {
        let signing = try Signing()
        let alice = try signing.makeGPGKey("alice")
        let mallory = try signing.makeGPGKey("mallory")
        #expect(signing.look(.init(gpgKeyFiles: [alice])).hasPrefix("Commit is not signed: "))
        try signing.commitGPG("alice")
        #expect(signing.look(.init(gpgKeyFiles: [mallory, alice])) == "alice")
        // What the user's own keyring knows counts for nothing.
        let stranger = signing.look(.init(gpgKeyFiles: [mallory]))
        #expect(stranger.hasPrefix("Signer is not trusted: The commit "), "\(stranger)")
        let ssh = signing.look(.init(ssh: ["a \(try signing.makeSSHKey("a"))"]))
        #expect(ssh.hasPrefix("Signer is not trusted: "), "\(ssh)")
        try signing.it.home.shell(
            "export GNUPGHOME=\"$PWD/gpg\"; f=$(gpg --list-keys --with-colons alice | grep ^fpr | head -1 | cut -d: -f10); "
                + "sed 's/^://' gpg/openpgp-revocs.d/$f.rev | gpg -q --batch --import")
        let revoked = signing.look(.init(gpgKeyFiles: [try signing.export("alice")]))
        // The same file under the same name: what was found good before is not asked again until the signers change.
        #expect(revoked == "alice")
        try signing.it.home.shell("cp alice.asc revoked.asc")
        let anew = signing.look(.init(gpgKeyFiles: [signing.it.home.path + "/revoked.asc"]))
        #expect(anew.hasPrefix("Signing key was revoked: "), "\(anew)")
        let missing = signing.look(.init(gpgKeyFiles: ["/nowhere/key.asc"]))
        #expect(missing.hasPrefix("Signers cannot be read: The file of GPG keys /nowhere/key.asc"), "\(missing)")
        try signing.it.home.shell("echo nonsense > nonsense.asc")
        let nonsense = signing.look(.init(gpgKeyFiles: [signing.it.home.path + "/nonsense.asc"]))
        #expect(nonsense.hasPrefix("Signers cannot be read: gpg does not take "), "\(nonsense)")
    }

    @Test func anExpiredKeyIsNotValid() throws {
        let signing = try Signing()
        let file = try signing.makeGPGKey("brief", expiry: "seconds=2")
        try signing.commitGPG("brief")
        try signing.it.home.shell("sleep 3")
        let told = signing.look(.init(gpgKeyFiles: [file]))
        #expect(told.hasPrefix("Signing key is not valid: "), "\(told)")
    }

    @Test func aSignedTagSpeaksForItsCommitAndForNoOther() throws {
        let signing = try Signing()
        let trusted = RepositoryDeclaration.Signers(ssh: ["alice@example.org \(try signing.makeSSHKey("alice"))"])
        try signing.tagSSH("alice", "v1.0.0")
        #expect(signing.look(trusted, .tag("v1.0.0")) == "alice@example.org")
        #expect(signing.look(trusted, .newestTag(matching: "^1")) == "alice@example.org")
        // A branch at the same commit is not signed by that.
        #expect(signing.look(trusted).hasPrefix("Commit is not signed: "))
        // The same tag under another name: an old version that is passed off as a newer one.
        try signing.it.origin.git("update-ref", "refs/tags/v1.1.0", "refs/tags/v1.0.0")
        let passedOff = signing.look(trusted, .newestTag(matching: "^1"))
        #expect(passedOff.hasPrefix("Commit is not signed: "), "\(passedOff)")
        // A tag without a signature at a commit with one.
        try signing.commitSSH("alice")
        try signing.it.origin.git("tag", "v1.2.0")
        #expect(signing.look(trusted, .newestTag(matching: "^1")) == "alice@example.org")
        try signing.it.origin.git("tag", "-a", "-m", "unsigned", "v1.3.0")
        #expect(signing.look(trusted, .newestTag(matching: "^1")) == "alice@example.org")
    }
}
