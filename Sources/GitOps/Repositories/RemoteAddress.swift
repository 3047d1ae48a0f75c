/// The parts of a repository's URL that credentials are looked up by.
struct RemoteAddress {
    /// `https`, `http`, `ssh`, `git`, `file`; `ssh` too for `git@host:path`; nil for a path.
    let scheme: String?
    let user: String?
    /// With its port where one is given.
    let host: String
    let path: String

    init(_ url: String) {
        if let mark = url.firstRange(of: "://") {
            let rest = url[mark.upperBound...]
            let slash = rest.firstIndex(of: "/") ?? rest.endIndex
            let (user, host) = Self.divide(rest[..<slash])
            self.scheme = url[..<mark.lowerBound].lowercased()
            self.user = user
            self.host = host
            path = String(rest[slash...].drop { $0 == "/" })
        } else if let colon = url.firstIndex(of: ":"), !url[..<colon].contains("/") {
            // Git's short form of SSH; a path of that looks must be written `./a:b`.
            (user, host) = Self.divide(url[..<colon])
            scheme = "ssh"
            path = String(url[url.index(after: colon)...])
        } else {
            scheme = nil
            user = nil
            host = ""
            path = url
        }
    }

    private static func divide(_ authority: Substring) -> (user: String?, host: String) {
        guard let at = authority.lastIndex(of: "@") else { return (nil, String(authority)) }
        return (String(authority[..<at]), String(authority[authority.index(after: at)...]))
    }

    /// Whether a secret stands between `://` and `@`.
    var holdsPassword: Bool {
        guard let user, scheme == "http" || scheme == "https" || scheme == "ssh" else { return false }
        return user.contains(":")
    }

    var isLoopback: Bool {
        let name = host.hasPrefix("[") ? host.prefix { $0 != "]" } + "]" : host.prefix { $0 != ":" }
        return name == "localhost" || name == "[::1]" || name.hasPrefix("127.")
    }

    /// The variable that holds the token for this host: `PLUMB_GIT_TOKEN_git_example_org`; a dash in the host is `__`.
    var tokenVariable: String {
        let name = host.prefix { $0 != ":" }.lowercased()
        return "PLUMB_GIT_TOKEN_"
            + name.map { $0 == "-" ? "__" : $0.isASCII && ($0.isLetter || $0.isNumber) ? String($0) : "_" }.joined()
    }
}

extension String {
    /// Without what stands between `://` and `@`, such as credentials that Git's settings have put into a URL.
    var withoutCredentials: String {
        var result = ""
        var rest = self[...]
        while let mark = rest.firstRange(of: "://") {
            result += rest[..<mark.upperBound]
            rest = rest[mark.upperBound...]
            let end = rest.firstIndex { $0 == "/" || $0.isWhitespace || $0 == "'" || $0 == "\"" } ?? rest.endIndex
            if let at = rest[..<end].lastIndex(of: "@") { rest = rest[rest.index(after: at)...] }
        }
        return result + rest
    }
}
