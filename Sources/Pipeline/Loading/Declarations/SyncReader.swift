import PlumbModel

/// Reads the section `sync` of `stack.yaml`. It is read before anything is evaluated, so that it holds no expressions.
struct SyncReader {
    private var problems = Diagnostics()
    private var policy = SyncPolicy()

    /// - Throws: all that is wrong with it.
    static func read(_ node: SpecificationNode?) throws(Diagnostics) -> SyncPolicy {
        guard let node, node.mapping != nil else { return SyncPolicy() }
        var reader = SyncReader()
        reader.read(section: node)
        try reader.problems.throwIfErrors()
        return reader.policy
    }

    private mutating func read(section node: SpecificationNode) {
        let keys = ["prune", "drift", "windows", "guard"]
        guard let sync = mapping(node, "`sync`", keys, example: "`{drift: {mode: warn}}`") else { return }
        let prunes = problems.collect { () throws(Diagnostics) in
            try LiteralReader.bool(sync["prune"], "prune", default: false)
        }
        policy.prunes = prunes ?? false
        if let drift = sync["drift"], !drift.isNothing { read(drift: drift) }
        if let bounds = sync["guard"], !bounds.isNothing { read(guard: bounds) }
    }

    private mutating func read(drift node: SpecificationNode) {
        let keys = ["mode", "every", "replace"]
        guard let drift = mapping(node, "`drift`", keys, example: "`{mode: warn}`") else { return }
        if let mode = drift["mode"] {
            if let known = mode.scalar?.value.asString.flatMap(DriftMode.init) {
                policy.driftMode = known
            } else {
                report("Unknown drift mode", .unknownDriftMode(mode), mode)
            }
        }
        if let every = drift["every"] {
            policy.driftInterval = every.scalar?.value.asString.flatMap(Duration.seconds(parsing:))
            if policy.driftInterval == nil {
                report("Invalid duration", "A duration is a number with a unit, such as `60s`, `5m`, `1h30m`.", every)
            }
        }
        let replaces = problems.collect { () throws(Diagnostics) in
            try LiteralReader.bool(drift["replace"], "replace", default: false)
        }
        policy.replaces = replaces ?? false
    }

    private mutating func read(guard node: SpecificationNode) {
        let units = DestructionLimit.Unit.allCases
        guard
            let bounds = mapping(node, "`sync.guard`", units.map(\.rawValue), example: "`{max_destroys: 10}`")
        else { return }
        for unit in units {
            guard let most = bounds[unit.rawValue], !most.isNothing else { continue }
            if let number = most.scalar?.value.asInt, number >= 0, unit != .percent || number <= 100 {
                policy.limits.append(DestructionLimit(unit, most: number, at: most.range.firstLine))
            } else {
                let range = unit == .percent ? " from 0 to 100" : ", 0 or more"
                report(
                    "Invalid number", "`\(unit.rawValue)` is a whole number\(range); here stands \(most.phrase).", most)
            }
        }
    }

    private mutating func mapping(
        _ node: SpecificationNode, _ what: String, _ keys: [String], example: String
    ) -> MappingReader? {
        let mapping = problems.collect { () throws(Diagnostics) in try MappingReader(node, what, example: example) }
        mapping?.refuseUnknown(keys, of: what, &problems)
        return mapping
    }

    private mutating func report(_ summary: String, _ detail: String, _ node: SpecificationNode) {
        problems.append(.error(summary, detail, at: node.range.firstLine))
    }
}

extension SpecificationNode {
    fileprivate var isNothing: Bool { scalar?.value.isNull ?? false }
}

extension String {
    fileprivate static func unknownDriftMode(_ node: SpecificationNode) -> String {
        let text = node.scalar?.text ?? ""
        if text.contains("${") {
            return
                "The drift mode of a stack is read before any expression is evaluated: write `detect`, `warn` or `heal`."
        }
        let names = DriftMode.allCases.map(\.rawValue)
        return "The drift mode is `detect`, `warn` or `heal`; here stands "
            + (text.isEmpty ? node.phrase : "\"\(text)\"") + ".\(Suggestion.didYouMean(text, among: names))"
    }
}
