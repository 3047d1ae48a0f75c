/// A repository that a controller follows: where it is, what is followed in it, and whom it believes.
public struct RepositoryDeclaration: Sendable, Hashable {
    /// What is followed.
    public enum Target: Sendable, Hashable {
        /// What HEAD leads to on the server.
        case defaultBranch
        /// `main`, without `refs/heads/`.
        case branch(String)
        /// `v1.2.0`, without `refs/tags/`; one that is moved is refused.
        case tag(String)
        /// The newest of the tags that are semantic versions (`1.2.0`, `v1.2.0`) in a range such as `>=1.2 <2`, `^1.4`,
        /// `~1.4.2`, `1.x`. Pre-releases count only where the range names one.
        case newestTag(matching: String)
        /// 40 hexadecimal digits.
        case commit(String)
    }

    /// Where what a server wants to know is read. Values never stand here: files and variables are read at each fetch, so
    /// that a token that is exchanged needs no restart.
    ///
    /// What is nil is looked up where modules from Git look: the variable `PLUMB_GIT_TOKEN_<host>`, Git's credential
    /// helpers, the SSH agent, the keys in `~/.ssh`. Where any of the first three is named, nothing else is offered.
    public struct Credentials: Sendable, Hashable {
        /// The environment variable that holds a token, `TOKEN` or `USER:TOKEN`.
        public var tokenVariable: String?
        /// The file that holds one.
        public var tokenFile: String?
        /// A private SSH key without a passphrase.
        public var keyFile: String?
        /// The file of host keys that the server's is looked up in; nil: `~/.ssh/known_hosts`.
        public var knownHostsFile: String?
        /// The user that a token belongs to, or that SSH logs in as; nil: that of the URL.
        public var user: String?

        public init(
            tokenVariable: String? = nil, tokenFile: String? = nil, keyFile: String? = nil,
            knownHostsFile: String? = nil, user: String? = nil
        ) {
            self.tokenVariable = tokenVariable
            self.tokenFile = tokenFile
            self.keyFile = keyFile
            self.knownHostsFile = knownHostsFile
            self.user = user
        }
    }

    /// Whose signature the commit that is followed must bear; those before it need none. One of either kind is enough.
    public struct Signers: Sendable, Hashable {
        /// Lines in the format of OpenSSH's `allowed_signers`: `alice@example.org ssh-ed25519 AAAA…`.
        public var ssh: [String]
        /// Public SSH keys that are not believed any more, whatever else says so: `ssh-ed25519 AAAA…`.
        public var revokedSSH: [String]
        /// Public keys of GPG, each armoured or not, by the names of the files that hold them.
        public var gpgKeyFiles: [String]

        public init(ssh: [String] = [], revokedSSH: [String] = [], gpgKeyFiles: [String] = []) {
            self.ssh = ssh
            self.revokedSSH = revokedSSH
            self.gpgKeyFiles = gpgKeyFiles
        }
    }

    /// By which the configuration, the API and problems call it.
    public var name: String
    /// As Git takes it: `https://`, `ssh://`, `git@host:path`, `file://`, or a path.
    public var url: String
    public var target: Target
    public var credentials: Credentials
    /// Nil: signatures are not looked at. A target that is a tag may bear the signature itself in the place of its commit.
    public var signers: Signers?

    public init(
        name: String, url: String, target: Target = .defaultBranch, credentials: Credentials = Credentials(),
        signers: Signers? = nil
    ) {
        self.name = name
        self.url = url
        self.target = target
        self.credentials = credentials
        self.signers = signers
    }
}
