import PlumbModel

/// Finds passwords in `state` of a controller's configuration, where only what names them may stand.
enum StateSecretCheck {
    static func problems(in node: SpecificationNode) -> Diagnostics {
        switch node.content {
        case .sequence(let nodes): return Diagnostics(nodes.flatMap { problems(in: $0).all })
        case .mapping(let entries): return Diagnostics(entries.flatMap { problems(in: $0.value).all })
        case .scalar(let scalar):
            guard holdsPassword(scalar.text) else { return Diagnostics() }
            return Diagnostics(
                .error(
                    "Secret in the configuration",
                    "A password must not stand here. Put the whole address into an environment variable and name that, "
                        + "`\"${env.PLUMB_STATE_URL}\"`, or leave the password to `PGPASSWORD` or a `.pgpass` file.",
                    at: node.range.firstLine))
        }
    }

    /// In a URL before the host (`postgres://user:word@host`), or as a setting (`password=word`).
    private static func holdsPassword(_ text: String) -> Bool {
        if let mark = text.firstRange(of: "://") {
            let authority = text[mark.upperBound...].prefix { $0 != "/" && $0 != "?" }
            if let at = authority.lastIndex(of: "@"), let colon = authority[..<at].firstIndex(of: ":"),
                isWritten(authority[authority.index(after: colon)..<at])
            {
                return true
            }
        }
        guard let mark = text.firstRange(of: "password=") else { return false }
        return isWritten(text[mark.upperBound...].prefix { $0 != " " && $0 != "&" })
    }

    private static func isWritten(_ word: Substring) -> Bool { !word.isEmpty && !word.hasPrefix("${") }
}
