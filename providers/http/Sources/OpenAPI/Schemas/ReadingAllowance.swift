import PlumbModel

/// What reading the schemas of a document may cost. References make a web of it, in which some thousand lines can stand
/// for more than there is time to read.
///
/// When it is used up, readers end quickly with whatever they have, and `check` says why.
final class ReadingAllowance {
    /// Many times what the largest documents that are known take.
    private static let parts = 20_000_000
    /// Schemas that refer to or are composed of each other, in one line.
    private static let maximumNesting = 200

    private(set) var used = 0
    private var nesting = 0
    private var excess: Diagnostics?

    var isUsedUp: Bool { excess != nil }

    /// Pays for parts of schemas before they are put together.
    func spend(_ count: Int, at node: DocumentNode) {
        used += count
        guard used > ReadingAllowance.parts, excess == nil else { return }
        excess = Diagnostics(
            .error(
                "Document is too large",
                "Its schemas refer to each other so often that there would be more than \(ReadingAllowance.parts) parts to "
                    + "read; here they are used up. Take out of the document what is not needed, or write the attributes "
                    + "by hand.", at: node.range))
    }

    /// Enters a schema that another one leads to; each entry has a `leave`.
    ///
    /// - Returns: false where that goes on for too long.
    func enter(_ node: DocumentNode) -> Bool {
        nesting += 1
        guard nesting > ReadingAllowance.maximumNesting else { return !isUsedUp }
        if excess == nil {
            excess = Diagnostics(
                .error(
                    "Nesting is too deep",
                    "More than \(ReadingAllowance.maximumNesting) schemas lead from one to the next by $ref, allOf, oneOf "
                        + "or anyOf until here. Put some of them together.", at: node.range))
        }
        return false
    }

    func leave() { nesting -= 1 }

    /// - Throws: if what was read is not all there is, because it would have cost too much.
    func check() throws(Diagnostics) {
        if let excess { throw excess }
    }
}
