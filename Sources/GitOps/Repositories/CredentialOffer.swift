import CLibGit2
import PlumbModel

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// Offers a server what there is to identify with, each thing once: for SSH the agent, then the keys in `~/.ssh`; for
/// HTTP the token of the environment, then what Git's credential helpers know. Where a declaration names something, that alone.
final class CredentialOffer {
    private enum Means: Hashable { case agent, key(String), token, helper }

    /// What a declaration has named.
    private struct Named {
        let token: String?
        let keyFile: String?
        /// For people: where it stands.
        let place: String
    }

    private let address: RemoteAddress
    private let environment: [String: String]
    private var tried: Set<Means> = []
    /// Whether the server wanted more than there is.
    private(set) var isExhausted = false

    private let named: Named?
    private let declaredUser: String?

    /// Reads what the declaration names.
    init(
        _ address: RemoteAddress, environment: [String: String],
        _ declared: RepositoryDeclaration.Credentials = .init()
    ) throws(Diagnostics) {
        self.address = address
        self.environment = environment
        declaredUser = declared.user
        guard declared.tokenVariable != nil || declared.tokenFile != nil || declared.keyFile != nil else {
            named = nil
            return
        }
        var places: [String] = []
        var token: String?
        if let variable = declared.tokenVariable {
            token = environment[variable].flatMap(Self.usable)
            guard token != nil else {
                throw Self.unreadable(
                    "The environment variable \(variable) is not set, or empty. Put the token into it.")
            }
            places.append("the token in \(variable)")
        } else if let file = declared.tokenFile {
            token = Self.content(of: file).flatMap(Self.usable)
            guard token != nil else {
                throw Self.unreadable("The file \(file) cannot be read, or is empty. Put the token into it, alone.")
            }
            places.append("the token in \(file)")
        }
        if let file = declared.keyFile {
            guard Self.isUsable(file) else {
                throw Self.unreadable(
                    "The file \(file) cannot be read, or holds no private SSH key, or one with a passphrase, which nobody is "
                        + "there to type. Give a key of its own to whoever follows the repository: `ssh-keygen -t ed25519 "
                        + "-N '' -f \(file)`.")
            }
            places.append("the key in \(file)")
        }
        named = Named(token: token, keyFile: declared.keyFile, place: places.joined(separator: " and "))
    }

    private static func unreadable(_ detail: String) -> Diagnostics {
        Diagnostics(.error("Git credentials cannot be read", detail))
    }

    private static func usable(_ text: String) -> String? {
        let words = text.split(whereSeparator: \.isWhitespace)
        return words.count == 1 ? words.first.map(String.init) : nil
    }

    private static func content(of file: String) -> String? {
        guard let stream = fopen(file, "re") else { return nil }
        defer { fclose(stream) }
        var text = [UInt8](repeating: 0, count: 65_536)
        let count = fread(&text, 1, text.count, stream)
        return String(decoding: text[..<count], as: UTF8.self)
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

    private var user: String { declaredUser ?? address.user ?? "git" }

    // MARK: SSH

    private func nextKey(_ out: UnsafeMutablePointer<UnsafeMutablePointer<git_credential>?>?) -> Int32? {
        if let named {
            guard let file = named.keyFile, tried.insert(.key(file)).inserted else { return nil }
            return git_credential_ssh_key_new(out, user, nil, file, nil)
        }
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
        let given = named.map(\.token) ?? environment[address.tokenVariable]
        if let token = given, !token.isEmpty, tried.insert(.token).inserted {
            let parts = token.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            // Forges take any user with a token; whoever needs a certain one writes `user:token`.
            return git_credential_userpass_plaintext_new(
                out, parts.count == 2 ? parts[0] : declaredUser ?? "x-access-token", parts[parts.count - 1])
        }
        guard named == nil else { return nil }
        if tried.insert(.helper).inserted, let found = CredentialHelper(environment: environment).ask(address) {
            return git_credential_userpass_plaintext_new(out, found.user, found.password)
        }
        return nil
    }

    // MARK: Advice

    /// What to do when the server takes none of it.
    var advice: String {
        if let named, address.scheme != "http" || address.isLoopback {
            return
                "It was offered \(named.place) for the user \"\(declaredUser ?? address.user ?? Self.usual(address))\": give "
                + "these the right to read the repository, or name others. For a repository that does not exist many servers "
                + "answer the same."
        }
        return switch address.scheme {
        case "ssh":
            "Load a key that may read the repository into the SSH agent (`ssh-add`), or put one without a passphrase "
                + "into ~/.ssh; the user is \"\(user)\"."
        case "http" where !address.isLoopback:
            "Over http:// no password is sent, because others could read it: use https://."
        default:
            "Put a token into the environment variable \(address.tokenVariable) (`TOKEN` or `USER:TOKEN`), or let "
                + "`git credential fill` know user and password. For a repository that does not exist many servers "
                + "answer the same."
        }
    }

    private static func usual(_ address: RemoteAddress) -> String {
        address.scheme == "ssh" ? "git" : "x-access-token"
    }
}
