internal import PlumbModel

/// Keeps one open issue of ours about one matter: a stack's drift.
public struct MarkedIssueWriter: Sendable {
    /// What came of it.
    public enum Outcome: Sendable, Hashable {
        case opened(number: Int)
        case edited(number: Int)
        /// It said the same already.
        case unchanged(number: Int)
        /// Nothing is open any more.
        case closed(number: Int)
        /// Nothing was open.
        case nothingOpen
    }

    private let forge: any Forge
    private let marker: ForgeMarker

    public init(_ forge: any Forge, marker: ForgeMarker) {
        self.forge = forge
        self.marker = marker
    }

    /// Opens it, or edits the one that is open.
    public func write(title: String, body: String) async throws(ForgeError) -> Outcome {
        let text = marker.marking(body)
        try forge.checkLength(of: text, what: "issue")
        if let open = try await kept() {
            if open.title == title, ForgeMarker.areSame(open.body, text) { return .unchanged(number: open.number) }
            try await forge.editIssue(open.number, title: title, body: text)
            return .edited(number: open.number)
        }
        guard let number = try await opened(title: title, text) else { return try await write(again: title, text) }
        // Whoever opened one at the same time keeps the older one too.
        guard let kept = try await kept(), kept.number != number else { return .opened(number: number) }
        try await forge.editIssue(kept.number, title: title, body: text)
        return .edited(number: kept.number)
    }

    /// Closes it with a word why, if it is open.
    public func close(saying words: String) async throws(ForgeError) -> Outcome {
        guard let open = try await kept() else { return .nothingOpen }
        try await forge.commentOnIssue(open.number, words)
        try await forge.closeIssue(open.number)
        return .closed(number: open.number)
    }

    /// The oldest that is open, once the others are closed.
    private func kept() async throws(ForgeError) -> ForgeIssue? {
        let ours = try await forge.ourOpenIssues().filter { marker.marks($0.body) }.sorted { $0.number < $1.number }
        for extra in ours.dropFirst() { try await forge.closeIssue(extra.number) }
        return ours.first
    }

    /// - Returns: nil where no answer came, though it was opened.
    private func opened(title: String, _ text: String) async throws(ForgeError) -> Int? {
        do {
            return try await forge.openIssue(title: title, body: text).number
        } catch  where error.isOutcomeUnknown && error.code != .cancelled {
            guard try await kept() == nil else { return nil }
            return try await forge.openIssue(title: title, body: text).number
        }
    }

    private func write(again title: String, _ text: String) async throws(ForgeError) -> Outcome {
        guard let open = try await kept() else {
            return .opened(number: try await forge.openIssue(title: title, body: text).number)
        }
        if open.title == title, ForgeMarker.areSame(open.body, text) { return .opened(number: open.number) }
        try await forge.editIssue(open.number, title: title, body: text)
        return .edited(number: open.number)
    }
}
