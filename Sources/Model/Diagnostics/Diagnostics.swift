/// All problems a step has found. Collected while the step goes on, thrown once at its end.
public struct Diagnostics: Error, Sendable, Equatable {
    public private(set) var all: [Diagnostic]

    public init(_ all: [Diagnostic] = []) {
        self.all = all
    }

    public init(_ one: Diagnostic) {
        self.all = [one]
    }

    public var isEmpty: Bool { all.isEmpty }
    public var hasErrors: Bool { all.contains { $0.severity == .error } }
    public var errorCount: Int { all.count { $0.severity == .error } }

    public mutating func append(_ diagnostic: Diagnostic) {
        all.append(diagnostic)
    }

    public mutating func append(_ others: Diagnostics) {
        all.append(contentsOf: others.all)
    }

    /// Throws what was collected if an error is among it; warnings alone do not stop a step.
    public func throwIfErrors() throws(Diagnostics) {
        if hasErrors { throw self }
    }

    /// Runs one part of a step, keeps its problems, and lets the step go on to the next part.
    @discardableResult
    public mutating func collect<Result>(_ body: () throws(Diagnostics) -> Result) -> Result? {
        do {
            return try body()
        } catch {
            append(error)
            return nil
        }
    }

    /// In the order of the files and of the lines in them; what has no place comes first.
    public func sortedBySource() -> Diagnostics {
        let keyed = all.enumerated().map { index, diagnostic in
            (diagnostic.source?.file.path ?? "", diagnostic.source?.start ?? 0, index, diagnostic)
        }
        return Diagnostics(keyed.sorted { ($0.0, $0.1, $0.2) < ($1.0, $1.1, $1.2) }.map(\.3))
    }
}
