import CLibGit2

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// Offers a server what there is to identify with, each thing once: for SSH the agent, then the keys in `~/.ssh`; for
/// HTTP the token of the environment, then what Git's credential helpers know.
final class CredentialOffer {
    private enum Means: Hashable { case agent, key(String), token, helper }

    private let address: RemoteAddress
    private let environment: [String: String]
    private var tried: Set<Means> = []
    /// Whether the server wanted more than there is.
    private(set) var isExhausted = false

    init(_ address: RemoteAddress, environment: [String: String]) {
        self.address = address
        self.environment = environment
    }

    /// The next thing that the server has not refused yet, in the way of libgit2's callback.
    func next(_ out: UnsafeMutablePointer<UnsafeMutablePointer<git_credential>?>?, _ allowed: UInt32) -> Int32 {
        func allows(_ kind: git_credential_t) -> Bool { allowed & kind.rawValue != 0 }
        if allows(GIT_CREDENTIAL_USERNAME) { return git_credential_username_new(out, user) }
        if allows(GIT_CREDENTIAL_SSH_KEY), let code = nextKey(out) { return code }
        if allows(GIT_CREDENTIAL_USERPASS_PLAINTEXT), let code = nextPassword(out) { return code }
        isExhausted = true
        return GIT_EAUTH.rawValue
    }

    private var user: String { address.user ?? "git" }

    // MARK: SSH

    private func nextKey(_ out: UnsafeMutablePointer<UnsafeMutablePointer<git_credential>?>?) -> Int32? {
        if environment["SSH_AUTH_SOCK"]?.isEmpty == false, tried.insert(.agent).inserted {
            return git_credential_ssh_key_from_agent(out, user)
        }
        for name in ["id_ed25519", "id_ecdsa", "id_rsa"] {
            guard let home = environment["HOME"], tried.insert(.key(name)).inserted else { continue }
            let file = home + "/.ssh/" + name
            // One with a passphrase would end the attempt instead of leading on to the next.
            guard Self.isUsable(file) else { continue }
            let open = file + ".pub"
            let hasOpen = access(open, R_OK) == 0
            return git_credential_ssh_key_new(out, user, hasOpen ? open : nil, file, nil)
        }
        return nil
    }

    /// Whether a file holds a private key that no passphrase protects.
    private static func isUsable(_ file: String) -> Bool {
        guard let stream = fopen(file, "re") else { return false }
        defer { fclose(stream) }
        var line = [CChar](repeating: 0, count: 256)
        var lines: [String] = []
        while lines.count < 3, fgets(&line, Int32(line.count), stream) != nil {
            lines.append(String(decoding: line.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self))
        }
        guard let first = lines.first, first.contains("PRIVATE KEY") else { return false }
        // OpenSSH's own format begins with its name and that of the cipher: these are the digits of "none".
        if first.contains("OPENSSH") {
            return lines.dropFirst().first?.hasPrefix("b3BlbnNzaC1rZXktdjEAAAAABG5vbmU") == true
        }
        return !lines.contains { $0.contains("ENCRYPTED") }
    }

    // MARK: HTTP

    private func nextPassword(_ out: UnsafeMutablePointer<UnsafeMutablePointer<git_credential>?>?) -> Int32? {
        // A password is never sent where others can read it on its way.
        guard address.scheme == "https" || address.isLoopback else { return nil }
        if let token = environment[address.tokenVariable], !token.isEmpty, tried.insert(.token).inserted {
            let parts = token.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            // Forges take any user with a token; whoever needs a certain one writes `user:token`.
            return git_credential_userpass_plaintext_new(
                out, parts.count == 2 ? parts[0] : "x-access-token", parts[parts.count - 1])
        }
        if tried.insert(.helper).inserted, let found = CredentialHelper(environment: environment).ask(address) {
            return git_credential_userpass_plaintext_new(out, found.user, found.password)
        }
        return nil
    }

    // MARK: Advice

    /// What to do when the server takes none of it.
    var advice: String {
        switch address.scheme {
        case "ssh":
            return
                "Load a key that may read the repository into the SSH agent (`ssh-add`), or put one without a passphrase "
                + "into ~/.ssh; the user is \"\(user)\"."
        case "http" where !address.isLoopback:
            return "Over http:// no password is sent, because others could read it: use https://."
        default:
            return
                "Put a token into the environment variable \(address.tokenVariable) (`TOKEN` or `USER:TOKEN`), or let "
                + "`git credential fill` know user and password. For a repository that does not exist many servers "
                + "answer the same."
        }
    }
}
