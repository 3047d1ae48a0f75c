import PlumbModel

/// Reads the section `sync` of `stack.yaml`. It is read before anything is evaluated, so that it holds no expressions, but for
/// `ready`, which is about another stack.
struct SyncReader {
    private let isStack: Bool
    private var problems = Diagnostics()
    private var policy = SyncPolicy()

    private init(isStack: Bool) { self.isStack = isStack }

    /// - Throws: all that is wrong with it.
    ///
    /// - Parameter isStack: false for a controller's defaults, which depend on nothing.
    static func read(_ node: SpecificationNode?, isStack: Bool = true) throws(Diagnostics) -> SyncPolicy {
        guard let node, node.mapping != nil else { return SyncPolicy() }
        var reader = SyncReader(isStack: isStack)
        reader.read(section: node)
        try reader.problems.throwIfErrors()
        return reader.policy
    }

    private mutating func read(section node: SpecificationNode) {
        let keys = ["mode", "prune", "drift", "windows", "guard"] + (isStack ? ["after"] : [])
        let what = isStack ? "`sync`" : "`defaults`"
        guard let sync = mapping(node, what, keys, example: "`{drift: {mode: warn}}`") else { return }
        if let mode = sync["mode"] { read(mode: mode) }
        policy.statedPrunes = bool(sync, "prune")
        if let windows = sync["windows"], !windows.isNothing {
            policy.windows = problems.collect { () throws(Diagnostics) in try SyncWindowReader.read(windows) }
        }
        if let after = sync["after"], !after.isNothing { read(after: after) }
        if let drift = sync["drift"], !drift.isNothing { read(drift: drift) }
        if let bounds = sync["guard"], !bounds.isNothing { read(guard: bounds) }
    }

    private mutating func read(drift node: SpecificationNode) {
        let keys = ["mode", "every", "replace"]
        guard let drift = mapping(node, "`drift`", keys, example: "`{mode: warn}`") else { return }
        if let mode = drift["mode"] {
            if let known = mode.scalar?.value.asString.flatMap(DriftMode.init) {
                policy.statedDriftMode = known
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
        policy.statedReplaces = bool(drift, "replace")
    }

    private mutating func bool(_ mapping: MappingReader, _ key: String) -> Bool? {
        guard let node = mapping[key] else { return nil }
        return problems.collect { () throws(Diagnostics) in try LiteralReader.bool(node, key, default: false) }
    }

    private mutating func read(mode node: SpecificationNode) {
        let text = node.scalar?.value.asString
        policy.statedMode = text.flatMap(SyncMode.init)
        guard policy.statedMode == nil else { return }
        let hint = Suggestion.didYouMean(text ?? "", among: SyncMode.allCases.map(\.rawValue))
        report(
            "Unknown sync mode",
            "The mode is `auto`, `manual` or `detect`; here stands \(text.map { "\"\($0)\"" } ?? node.phrase).\(hint)",
            node)
    }

    private mutating func read(after node: SpecificationNode) {
        guard let entries = node.sequence else {
            return report(
                "Wrong kind of value",
                "`after` is a list of stacks, such as `[network, dns]`; here stands \(node.phrase).", node)
        }
        for entry in entries {
            guard let dependency = dependency(entry) else { continue }
            if policy.after.contains(where: { $0.stack == dependency.stack }) {
                report("Duplicate dependency", "`after` names the stack \"\(dependency.stack)\" twice.", entry)
            } else {
                policy.after.append(dependency)
            }
        }
    }

    /// `network`, or `{stack: network, ready: "${outputs.nodes >= 3}"}`.
    private mutating func dependency(_ node: SpecificationNode) -> StackDependency? {
        if let text = node.scalar?.value.asString, !text.isEmpty { return StackDependency(text, at: node.range) }
        let example = "`{stack: network, ready: \"${outputs.nodes >= 3}\"}`"
        guard node.mapping != nil else {
            report(
                "Wrong kind of value",
                "`after` holds names of stacks, or what is awaited of them, such as \(example); here stands \(node.phrase).",
                node)
            return nil
        }
        guard let entry = mapping(node, "a dependency", ["stack", "ready"], example: example) else { return nil }
        guard let stack = entry["stack"], let name = stack.scalar?.value.asString, !name.isEmpty else {
            let wrong = entry["stack"] ?? node
            report("Wrong kind of value", "`stack` of a dependency is the name of a stack, such as \(example).", wrong)
            return nil
        }
        guard let ready = entry["ready"], !ready.isNothing else { return StackDependency(name, at: stack.range) }
        guard let scalar = ready.scalar, scalar.isString, scalar.text.contains("${") else {
            report(
                "Wrong kind of value",
                "`ready` is an expression over `outputs` and `status` of that stack, such as `\"${outputs.nodes >= 3}\"`; here "
                    + "stands \(ready.phrase).", ready)
            return nil
        }
        return StackDependency(name, ready: ready, at: stack.range)
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
                    "Invalid number",
                    "`\(unit.rawValue)` is a whole number\(range); here stands \(most.scalar?.text ?? most.phrase).",
                    most)
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
