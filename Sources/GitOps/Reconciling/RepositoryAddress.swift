/// Tells whether two URLs mean one repository: forges name it by HTTPS and by SSH.
enum RepositoryAddress {
    /// `git@host:team/infra.git`, `ssh://git@host:22/team/infra` and `https://user@host/team/infra/` are `host/team/infra`.
    static func normal(_ url: String) -> String {
        var text = url[...]
        var isURL = false
        if let scheme = text.firstRange(of: "://") {
            text = text[scheme.upperBound...]
            isURL = true
        } else if !text.hasPrefix("/"), let colon = text.firstIndex(of: ":") {
            text = Substring(text[..<colon] + "/" + text[text.index(after: colon)...])
            isURL = true
        }
        while text.hasSuffix("/") { text.removeLast() }
        if text.hasSuffix(".git") { text.removeLast(4) }
        guard isURL else { return String(text) }
        let slash = text.firstIndex(of: "/") ?? text.endIndex
        var host = text[..<slash]
        if let at = host.lastIndex(of: "@") { host = host[host.index(after: at)...] }
        if let colon = host.lastIndex(of: ":") { host = host[..<colon] }
        let path = text[slash...].drop { $0 == "/" }
        return host.lowercased() + "/" + path
    }
}
