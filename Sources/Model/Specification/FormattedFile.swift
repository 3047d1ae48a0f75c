/// A file before and after it was brought into the one layout.
public struct FormattedFile: Sendable {
    /// As the user named it.
    public let path: String
    public let before: [UInt8]
    public let after: [UInt8]

    public init(path: String, before: [UInt8], after: [UInt8]) {
        self.path = path
        self.before = before
        self.after = after
    }

    public var isChanged: Bool { before != after }
}
