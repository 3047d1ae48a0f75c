import PlumbModel

/// Holds what a repository's `credentials` offer against what its URL asks for.
enum CredentialCheck {
    static func problems(with credentials: MappingReader, for url: String) -> Diagnostics {
        let address = RepositoryURL(url)
        var problems = Diagnostics()
        func report(_ key: String, _ detail: String) {
            guard let node = credentials[key], !node.isNothing else { return }
            problems.append(.error("Credentials do not fit the URL", detail, at: node.range.firstLine))
        }
        if address.isSSH {
            report(
                "token",
                "A token is for `https://`, and this repository is asked by SSH. Name a key, `ssh_key: PATH`, or write the "
                    + "repository's `https://` URL.")
        } else if address.isHTTP {
            for key in ["ssh_key", "known_hosts"] {
                report(
                    key,
                    "`\(key)` is for SSH, and this repository is asked by HTTP. Name a token, `token: {env: NAME}`, or write the "
                        + "repository's SSH URL, such as `git@git.example.org:infra.git`.")
            }
            if !address.isTLS, !address.isLoopback {
                report(
                    "token",
                    "Over `http://` everybody on the way could read the token, so that it is not sent. Write `https://`."
                )
            }
        }
        return problems
    }
}
