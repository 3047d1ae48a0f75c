internal import Synchronization

/// What is left of the work that the specs of one stack may cause, where nobody vouches for whoever wrote them. All that
/// reads, evaluates and expands them pays from it; when it has run out, that ends with an error.
public final class Allowance: Sendable {
    /// How much there is to begin with.
    public struct Limits: Sendable {
        /// The parts of expressions that are evaluated, loops counted by their rounds.
        public var steps = 50_000_000
        /// The parts of lists and maps that expressions and documents make.
        public var parts = 20_000_000
        /// The bytes of all strings that expressions make.
        public var textBytes = 512 << 20
        /// The instances of resources and modules, each counted as often as it is expanded.
        public var instances = 50_000
        public var files = 5_000
        /// The bytes of all files that are read.
        public var fileBytes = 64 << 20
        /// The bytes of one file, and of one string that an expression makes.
        public var pieceBytes = 4 << 20
        /// Of wall time, from the beginning.
        public var seconds = 60.0

        /// For one stack.
        public init() {}

        /// For all stacks of a pull request together.
        public static var ofPullRequest: Limits {
            var limits = Limits()
            limits.steps *= 10
            limits.parts *= 10
            limits.textBytes *= 4
            limits.instances *= 10
            limits.files *= 10
            limits.fileBytes *= 10
            limits.seconds *= 5
            return limits
        }
    }

    /// What is paid for.
    public enum Good: Sendable, CaseIterable {
        case steps, parts, textBytes, instances, files, fileBytes
    }

    public let limits: Limits
    /// Pays for all that this one pays for.
    private let parent: Allowance?
    private let deadline: ContinuousClock.Instant
    private let spent = Mutex([Int](repeating: 0, count: Good.allCases.count))

    /// - Parameter parent: what it is a part of, which runs out for all its parts together.
    public init(_ limits: Limits = Limits(), within parent: Allowance? = nil) {
        self.limits = limits
        self.parent = parent
        deadline = .now + .seconds(limits.seconds)
    }

    /// Pays for something before it is made, or just after.
    ///
    /// - Parameter range: what causes it, for the diagnostic.
    /// - Throws: where too little is left, or time is up.
    public func spend(_ count: Int, _ good: Good, at range: SourceRange? = nil) throws(Diagnostics) {
        let limit = limit(of: good)
        let total = spent.withLock { spent in
            let index = Self.index(of: good)
            let (sum, overflows) = spent[index].addingReportingOverflow(count)
            spent[index] = overflows ? .max : sum
            return spent[index]
        }
        guard total <= limit else {
            throw exhausted(
                "all of it together may have \(Self.words(for: good, limit)), and they are used up", at: range)
        }
        guard ContinuousClock.now < deadline else {
            throw exhausted("it may take \(Int(limits.seconds)) seconds, and they are over", at: range)
        }
        try parent?.spend(count, good, at: range)
    }

    /// Refuses one file or one string that is too large.
    public func admit(bytes: Int, at range: SourceRange? = nil) throws(Diagnostics) {
        guard bytes > limits.pieceBytes else { return }
        let size = Self.words(for: .fileBytes, limits.pieceBytes)
        throw exhausted("one file, and one string, may have \(size), and this one has more", at: range)
    }

    private func exhausted(_ bound: String, at range: SourceRange?) -> Diagnostics {
        Diagnostics(
            .error(
                Self.summary,
                "Nobody vouches for whoever has written these specs, so that planning them is bounded: \(bound). Make do with "
                    + "less, or let a maintainer plan this stack.", at: range))
    }

    /// Of the diagnostics for an allowance that has run out.
    public static let summary = "Specs of a stranger cost too much"

    private static func index(of good: Good) -> Int {
        switch good {
        case .steps: 0
        case .parts: 1
        case .textBytes: 2
        case .instances: 3
        case .files: 4
        case .fileBytes: 5
        }
    }

    private func limit(of good: Good) -> Int {
        switch good {
        case .steps: limits.steps
        case .parts: limits.parts
        case .textBytes: limits.textBytes
        case .instances: limits.instances
        case .files: limits.files
        case .fileBytes: limits.fileBytes
        }
    }

    private static func words(for good: Good, _ limit: Int) -> String {
        switch good {
        case .steps: "\(limit) steps of evaluation"
        case .parts: "\(limit) parts of lists and maps"
        case .textBytes: "\(limit >> 20) MiB of strings"
        case .instances: "\(limit) instances of resources and modules"
        case .files: "\(limit) files"
        case .fileBytes: "\(limit >> 20) MiB"
        }
    }
}
