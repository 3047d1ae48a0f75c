internal import Loading
internal import PlumbModel
internal import StateBackendAPI

/// Where a state could be, as a person writes it on a command line.
enum StatePlace {
    /// - Parameter text: a mapping as `state:` of stack.yaml has it (`{sqlite: {path: state.db}}`), `sqlite:PATH`, or the
    ///   URL of a database.
    /// - Returns: a stack of that name with that `state:`.
    static func parse(
        _ text: String, stack: String, kinds: [StateBackendKind]
    ) throws(Diagnostics) -> StackDeclaration {
        let file = SourceFile(path: "--to", text: try mapping(text, kinds))
        let range = SourceRange(file: file, start: 0, end: 0)
        guard let node = try YAMLReader.read(file).first, node.mapping != nil else { throw malformed(text, kinds) }
        return StackDeclaration(name: stack, nameRange: range, state: node)
    }

    private static func mapping(_ text: String, _ kinds: [StateBackendKind]) throws(Diagnostics) -> String {
        if let end = text.firstRange(of: "://") {
            let scheme = text[..<end.lowerBound]
            let kind = kinds.first { kind in
                kind.configurationSchema["url"] != nil && (scheme.hasPrefix(kind.name) || kind.name.hasPrefix(scheme))
            }
            guard let kind else { throw malformed(text, kinds) }
            return "\(kind.name): {url: \(Value.string(text).json)}"
        }
        if let colon = text.firstIndex(of: ":"), !text.contains("{"),
            let kind = kinds.first(where: { $0.name == text[..<colon] && $0.configurationSchema["path"] != nil })
        {
            let path = text[text.index(after: colon)...]
            if !path.isEmpty, path.first != " " {
                return "\(kind.name): {path: \(Value.string(String(path)).json)}"
            }
        }
        return text
    }

    private static func malformed(_ text: String, _ kinds: [StateBackendKind]) -> Diagnostics {
        Diagnostics(
            .error(
                "Invalid place of a state",
                "\"\(text)\" names no place for a state. Write what `state:` of stack.yaml would say, such as "
                    + "'{sqlite: {path: /srv/state.db}}', or short `sqlite:/srv/state.db`, or the URL of a database. There "
                    + "are the backends \(kinds.map(\.name).joined(separator: ", "))."))
    }
}
