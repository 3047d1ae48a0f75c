/// One problem, told to the person who can fix it.
public struct Diagnostic: Sendable, Equatable {
    public enum Severity: String, Codable, Sendable {
        case error, warning
    }

    /// A further place that explains the problem, such as the first of two declarations.
    public struct Note: Sendable, Equatable {
        public let text: String
        public let source: SourceRange?
        /// What the text ends with: "`var.size` is", 3.
        public let value: Value?

        public init(_ text: String, at source: SourceRange? = nil, value: Value? = nil) {
            self.text = text
            self.source = source
            self.value = value
        }
    }

    public var severity: Severity
    /// Fixed text without names of the user's, so that it can be searched for.
    public var summary: String
    /// What is wrong, why, and what to do.
    public var detail: String
    public var address: ResourceAddress?
    public var source: SourceRange?
    public var notes: [Note]
    /// Set where a condition of the spec's author does not hold; nil for every other problem.
    public var failedCheck: CheckedObject?
    /// Whether nothing is wrong with the specs: a system cannot be asked for the moment, or somebody else has the stack.
    public var isPassing = false

    public init(
        _ severity: Severity = .error, _ summary: String, _ detail: String, address: ResourceAddress? = nil,
        at source: SourceRange? = nil, notes: [Note] = []
    ) {
        self.severity = severity
        self.summary = summary
        self.detail = detail
        self.address = address
        self.source = source
        self.notes = notes
    }

    public static func error(
        _ summary: String, _ detail: String, address: ResourceAddress? = nil, at source: SourceRange? = nil,
        notes: [Note] = []
    ) -> Diagnostic {
        Diagnostic(.error, summary, detail, address: address, at: source, notes: notes)
    }

    public static func warning(
        _ summary: String, _ detail: String, address: ResourceAddress? = nil, at source: SourceRange? = nil,
        notes: [Note] = []
    ) -> Diagnostic {
        Diagnostic(.warning, summary, detail, address: address, at: source, notes: notes)
    }

    /// The same, marked where it passes by itself.
    public func passing(if isPassing: Bool) -> Diagnostic {
        var diagnostic = self
        diagnostic.isPassing = isPassing
        return diagnostic
    }
}
