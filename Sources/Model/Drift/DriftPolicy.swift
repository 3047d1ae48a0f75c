/// What is done about drift.
public enum DriftMode: String, Sendable, Codable, Hashable, CaseIterable {
    /// It is recorded and told.
    case detect
    /// The same, and each check warns of it.
    case warn
    /// It is set back to what the specs say.
    case heal
}

/// What one resource says of its own drift.
public struct DriftPolicy: Sendable, Hashable {
    /// Of what a pattern matches.
    public struct Part: Sendable, Hashable {
        public let pattern: AttributePattern
        public let mode: DriftMode

        public init(_ pattern: AttributePattern, _ mode: DriftMode) {
            self.pattern = pattern
            self.mode = mode
        }
    }

    /// Nil: what the stack says holds.
    public var mode: DriftMode?
    public var parts: [Part]
    /// Whether a heal may replace the resource; nil: what the stack says holds.
    public var replaces: Bool?

    public init(mode: DriftMode? = nil, parts: [Part] = [], replaces: Bool? = nil) {
        self.mode = mode
        self.parts = parts
        self.replaces = replaces
    }

    /// The mode of a place: of the longest pattern that matches it, else the resource's own, else nil.
    public func mode(at path: AttributePath) -> DriftMode? {
        let matching = parts.filter { $0.pattern.covers(path) }
        return matching.max { $0.pattern.steps.count < $1.pattern.steps.count }?.mode ?? mode
    }
}

extension AttributePattern {
    /// The pattern that matches one path, with all that lies below it; nil for the empty one.
    public init?(_ path: AttributePath) {
        self.init(
            steps: path.steps.map { step in
                switch step {
                case .key(let key): .key(key)
                case .index(let index): .index(index)
                }
            })
    }

    /// Whether it matches the path, or something that the path lies in.
    public func covers(_ path: AttributePath) -> Bool {
        guard path.steps.count >= steps.count else { return false }
        return zip(steps, path.steps).allSatisfy { wanted, step in
            switch (wanted, step) {
            case (.any, _): true
            case (.key(let wanted), .key(let key)): wanted == key
            case (.index(let wanted), .index(let index)): wanted == index
            default: false
            }
        }
    }
}
