/// Where tokens stand: the rules of the layout.
extension TokenLayout {
    /// The token begins an entry of a block collection.
    func isEntry(_ token: YAMLToken) -> Bool {
        guard flows.isEmpty else { return false }
        switch token.kind {
        case .blockEntry, .key: return true
        case .value: return !hasSimpleKey
        default: return startsEntry
        }
    }

    private var hasSimpleKey: Bool { levels.last?.hasSimpleKey ?? false }

    func position(of token: YAMLToken, _ gap: TokenGap) -> Position {
        switch token.kind {
        case .streamEnd, .directive, .documentStart, .documentEnd: return .newLine(indent: 0)
        default: break
        }
        let indent = levels.isEmpty ? rootColumn(of: token) : 0
        guard let previous, previous.kind != .directive, previous.kind != .documentEnd else {
            return .newLine(indent: indent)
        }
        if !flows.isEmpty { return flowPosition(of: token, after: previous, gap) }
        if isEntry(token) { return entryPosition(after: previous, gap) }
        if token.kind == .value { return .sameLine(space: needsSpace(before: token, after: previous)) }
        return contentPosition(of: token, after: previous, gap)
    }

    /// At the beginning of a line these three would mark where a document begins or ends, or a directive.
    private func rootColumn(of token: YAMLToken) -> Int {
        guard token.kind == .plain else { return 0 }
        let word = text[token.start..<token.end]
        return word.starts(with: "---".utf8) || word.starts(with: "...".utf8) || word.starts(with: "%".utf8) ? 2 : 0
    }

    /// `- - a` and `- key: value` stay on one line.
    private func entryPosition(after previous: YAMLToken, _ gap: TokenGap) -> Position {
        let column = levels.last?.column ?? 0
        guard opensCollection, !gap.hasComment, isExplicit(previous) else { return .newLine(indent: column) }
        return .sameLine(space: true)
    }

    /// A sign behind which a collection may begin on the same line: `-`, `?`, and the `:` that answers a `?`.
    private func isExplicit(_ previous: YAMLToken) -> Bool {
        switch previous.kind {
        case .blockEntry, .key: true
        case .value: isExplicitValue
        default: false
        }
    }

    private func contentPosition(of token: YAMLToken, after previous: YAMLToken, _ gap: TokenGap) -> Position {
        let indent = levels.last?.contentColumn ?? rootColumn(of: token)
        if gap.hasComment { return .newLine(indent: indent) }
        let joins = previous.kind == .blockEntry || previous.kind == .key
        return gap.breaksLine && !joins ? .newLine(indent: indent) : .sameLine(space: true)
    }

    private func flowPosition(of token: YAMLToken, after previous: YAMLToken, _ gap: TokenGap) -> Position {
        let base = flows.last ?? 0
        switch token.kind {
        case .flowEnd where gap.breaksLine || gap.hasComment: return .newLine(indent: base)
        case .flowEntry where gap.hasComment, .value where gap.hasComment: return .newLine(indent: base + 2)
        case .flowEnd, .flowEntry, .value: return .sameLine(space: needsSpace(before: token, after: previous))
        default:
            if gap.breaksLine || gap.hasComment { return .newLine(indent: base + 2) }
            return .sameLine(space: !previous.opensFlow)
        }
    }

    /// Whether a sign would be taken for a part of what stands before it, or would hide that something is empty.
    private func needsSpace(before token: YAMLToken, after previous: YAMLToken) -> Bool {
        switch previous.kind {
        case .anchor, .tag, .key, .value: true
        case .alias: token.kind == .value
        case .flowEntry: token.kind == .value
        default: false
        }
    }
}
