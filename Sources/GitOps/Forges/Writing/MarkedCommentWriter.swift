internal import PlumbModel

/// Keeps one comment of ours below a pull request, however often and by however many at once it is written.
///
/// No forge writes it only if nobody else has: so it is created, the comments are looked at again, and everybody keeps
/// the oldest and deletes the others.
public struct MarkedCommentWriter: Sendable {
    /// What came of it.
    public enum Outcome: Sendable, Hashable {
        case created(id: Int)
        case edited(id: Int)
        /// It said the same already.
        case unchanged(id: Int)
    }

    private let forge: any Forge
    private let marker: ForgeMarker

    public init(_ forge: any Forge, marker: ForgeMarker) {
        self.forge = forge
        self.marker = marker
    }

    /// Users may delete it as often as it is written; after this many times that is what they want.
    private static let mostTries = 4

    /// - Parameter body: Markdown; the marker is put before it.
    /// - Throws: `invalid` where it is longer than the forge takes.
    public func write(_ body: String, on number: Int) async throws(ForgeError) -> Outcome {
        let text = marker.marking(body)
        try forge.checkLength(of: text, what: "comment")
        let us = try await forge.ourselves()
        var hasCreated = false
        for _ in 0..<MarkedCommentWriter.mostTries {
            guard let kept = try await keptComment(by: us, on: number) else {
                let created = try await create(text, by: us, on: number)
                hasCreated = true
                // Somebody else may have done the same meanwhile. Where there is none at all, the forge shows it later.
                let oldest = try await keptComment(by: us, on: number)
                if let created, oldest == nil || oldest?.id == created { return .created(id: created) }
                continue
            }
            if ForgeMarker.areSame(kept.body, text) {
                return hasCreated ? .created(id: kept.id) : .unchanged(id: kept.id)
            }
            do {
                try await forge.editComment(kept.id, to: text, on: number)
                return .edited(id: kept.id)
            } catch  where error.code == .missing {
                // Somebody has deleted it since we looked.
                continue
            }
        }
        throw ForgeError(
            .unavailable,
            "The comment on pull request \(number) was deleted each of the \(MarkedCommentWriter.mostTries) times that it "
                + "was written: who does that? It is written again with the next change.")
    }

    /// Deletes it, and all of its kind.
    public func delete(on number: Int) async throws(ForgeError) {
        let us = try await forge.ourselves()
        for comment in try await ours(by: us, on: number) { try await delete(comment.id, on: number) }
    }

    /// Ours, oldest first.
    private func ours(by us: ForgeUser, on number: Int) async throws(ForgeError) -> [PullRequestComment] {
        let comments = try await forge.comments(on: number, since: nil)
        return comments.filter { $0.author.isSame(us) && marker.marks($0.body) }.sorted { $0.id < $1.id }
    }

    /// The oldest, once the others are deleted.
    private func keptComment(by us: ForgeUser, on number: Int) async throws(ForgeError) -> PullRequestComment? {
        let ours = try await ours(by: us, on: number)
        for extra in ours.dropFirst() { try await delete(extra.id, on: number) }
        return ours.first
    }

    /// - Returns: nil where no answer came, so that whether it is there has to be looked at.
    private func create(_ text: String, by us: ForgeUser, on number: Int) async throws(ForgeError) -> Int? {
        do {
            return try await forge.createComment(text, on: number).id
        } catch  where error.isOutcomeUnknown && error.code != .cancelled {
            guard try await ours(by: us, on: number).isEmpty else { return nil }
            // It did not come to be, so that a second one cannot be one too many.
            return try await forge.createComment(text, on: number).id
        }
    }

    private func delete(_ id: Int, on number: Int) async throws(ForgeError) {
        do {
            try await forge.deleteComment(id, on: number)
        } catch  where error.code == .missing {
            return
        }
    }
}

extension Forge {
    func checkLength(of text: String, what: String) throws(ForgeError) {
        let length = text.unicodeScalars.count
        guard length > limits.comment else { return }
        throw ForgeError(
            .invalid,
            "The \(what) has \(length) characters, and \(kind.title) takes \(limits.comment): it must be made shorter.")
    }
}
