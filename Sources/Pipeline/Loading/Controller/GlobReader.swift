import PlumbModel

/// Reads globs in a controller's configuration: one, or a list of such.
enum GlobReader {
    /// What the globs are held against.
    enum Subject {
        /// Folders of a repository, from its root.
        case folders
        /// Names of stacks.
        case names
    }

    /// - Throws: what is wrong with each, at its place.
    static func read(
        _ node: SpecificationNode, _ key: String, of subject: Subject
    ) throws(Diagnostics) -> [(text: String, patterns: [GlobPattern])] {
        var problems = Diagnostics()
        var read: [(text: String, patterns: [GlobPattern])] = []
        let items = node.sequence ?? [node]
        if items.isEmpty {
            problems.append(.error("Empty list", "`\(key)` must hold something.", at: node.range.firstLine))
        }
        for item in items {
            problems.collect { () throws(Diagnostics) in
                let text = try LiteralReader.text(item, key) ?? ""
                read.append((text, try patterns(text, item, subject)))
            }
        }
        try problems.throwIfErrors()
        return read
    }

    private static func patterns(
        _ text: String, _ node: SpecificationNode, _ subject: Subject
    ) throws(Diagnostics) -> [GlobPattern] {
        var reason: String?
        do throws(GlobPattern.Malformed) {
            let patterns = try GlobPattern.all(in: text)
            if text.isEmpty {
                reason = "it is empty"
            } else if subject == .folders, text.hasPrefix("/") || patterns.contains(where: { !$0.root.isEmpty }) {
                reason = "it leads outside of the repository"
            }
            if reason == nil { return patterns }
        } catch {
            reason = error.reason
        }
        let advice =
            switch subject {
            case .folders:
                "Write folders from the root of the repository, such as `stacks/*`; `**` is all, `.` the root alone."
            case .names: "Write names of stacks, such as `prod-*`; `*` is all."
            }
        throw Diagnostics(
            .error(
                "Invalid glob", "\"\(text)\" is no glob: \(reason ?? "it cannot be read"). \(advice)",
                at: node.range.firstLine))
    }
}
