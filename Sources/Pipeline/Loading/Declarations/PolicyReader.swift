import PlumbModel

/// Reads `policies:` of `stack.yaml` and of the files that it shares with others (`policy_files:`).
struct PolicyReader {
    static let example = "`{no-destroys: {deny: \"${length(plan.resource_changes) > 100}\", message: \"Too much.\"}}`"
    private static let keys = ["deny", "warn", "message", "waivers"]
    /// Seconds that a program has unless its `timeout` says other.
    private static let patience = 30.0
    private static let longestPatience = 600.0

    private(set) var policies: [PolicyDeclaration] = []
    private(set) var problems = Diagnostics()
    private var names = FirstPlaces(what: "policy")

    mutating func read(_ section: SpecificationNode?) {
        guard let section, !(section.scalar?.value.isNull ?? false) else { return }
        let mapping = problems.collect { () throws(Diagnostics) in
            try MappingReader(section, "the section `policies`", example: Self.example)
        }
        for entry in mapping?.entries ?? [] {
            guard let policy = policy(entry), names.admit(entry, &problems) else { continue }
            policies.append(policy)
        }
    }

    /// Takes in a file that holds nothing but `policies:`.
    mutating func read(file documents: [SpecificationNode], named path: String) {
        for document in documents where !(document.scalar?.value.isNull ?? false) {
            let mapping = problems.collect { () throws(Diagnostics) in
                try MappingReader(document, "a file of policies", example: "`policies: \(Self.example)`")
            }
            mapping?.refuseUnknown(["policies"], of: path, &problems)
            read(mapping?["policies"])
        }
    }

    /// The paths of `policy_files:`.
    static func files(
        _ node: SpecificationNode?, _ problems: inout Diagnostics
    ) -> [(path: String, range: SourceRange)] {
        guard let node, !(node.scalar?.value.isNull ?? false) else { return [] }
        guard let items = node.sequence else {
            problems.append(wrongKind("`policy_files` is a list of paths, such as `[../policies/shared.yaml]`", node))
            return []
        }
        return items.compactMap { item in
            guard let scalar = item.scalar, scalar.isString, !scalar.text.isEmpty else {
                problems.append(wrongKind("A path in `policy_files` is a string", item))
                return nil
            }
            return (scalar.text, item.range)
        }
    }

    private mutating func policy(_ entry: SpecificationNode.Entry) -> PolicyDeclaration? {
        let before = problems.errorCount
        problems.collect { () throws(Diagnostics) in try Identifier.check(entry.key, "policy", at: entry.keyRange) }
        let mapping = problems.collect { () throws(Diagnostics) in
            try MappingReader(entry.value, "a policy", example: "`{deny: \"${…}\", message: \"Too much.\"}`")
        }
        guard let mapping else { return nil }
        mapping.refuseUnknown(Self.keys, of: "A policy", &problems)
        let effects = [("deny", PolicyResult.Effect.deny), ("warn", .warn)].filter { mapping[$0.0] != nil }
        guard effects.count == 1, let (key, effect) = effects.first, let node = mapping[key] else {
            problems.append(
                .error(
                    effects.isEmpty ? "Missing key" : "Policy with two effects",
                    "The policy \"\(entry.key)\" needs either `deny` or `warn`, with what it is about: a condition over "
                        + "`plan`, such as `deny: \"${length(plan.resource_changes) > 100}\"`, or a program, such as "
                        + "`deny: {command: [conftest, test, -]}`.", at: entry.keyRange))
            return nil
        }
        let rule = rule(node, key)
        if let message = mapping["message"], message.scalar == nil {
            problems.append(Self.wrongKind("`message` is a string", message))
        }
        let waivers = texts(mapping["waivers"], "waivers", example: "[ada, grace]")
        guard let rule, problems.errorCount == before else { return nil }
        return PolicyDeclaration(
            name: entry.key, nameRange: entry.keyRange, effect: effect, rule: rule, message: mapping["message"],
            waivers: waivers)
    }

    private mutating func rule(_ node: SpecificationNode, _ key: String) -> PolicyDeclaration.Rule? {
        if node.mapping == nil {
            guard let scalar = node.scalar, scalar.isString, scalar.text.contains("${") else {
                problems.append(
                    Self.wrongKind(
                        "`\(key)` is an expression over `plan`, such as `\"${length(plan.resource_changes) > 100}\"`, or a "
                            + "program, such as `{command: [conftest, test, -]}`", node))
                return nil
            }
            return .condition(node)
        }
        let mapping = problems.collect { () throws(Diagnostics) in
            try MappingReader(node, "a program that judges", example: "`{command: [conftest, test, -]}`")
        }
        guard let mapping else { return nil }
        mapping.refuseUnknown(["command", "timeout"], of: "A program that judges", &problems)
        let words = texts(mapping["command"], "command", example: "[conftest, test, -]")
        if mapping["command"]?.sequence.map(\.isEmpty) ?? true, mapping["command"]?.sequence != nil || words.isEmpty {
            problems.append(
                .error(
                    "Missing key", "A program that judges needs its `command`, such as `[conftest, test, -]`.",
                    at: node.range.firstLine))
            return nil
        }
        return .command(words: words, seconds: seconds(mapping["timeout"]))
    }

    private mutating func seconds(_ node: SpecificationNode?) -> Double {
        guard let node else { return Self.patience }
        let seconds = node.scalar?.value.asString.flatMap(Duration.seconds(parsing:))
        if let seconds, seconds > 0, seconds <= Self.longestPatience { return seconds }
        problems.append(
            .error(
                "Invalid duration", "`timeout` is a number with a unit, up to ten minutes, such as `30s` or `2m`.",
                at: node.range.firstLine))
        return Self.patience
    }

    private mutating func texts(_ node: SpecificationNode?, _ key: String, example: String) -> [String] {
        guard let node, !(node.scalar?.value.isNull ?? false) else { return [] }
        let texts = node.sequence?.compactMap { item in
            item.scalar.flatMap { $0.isString && !$0.text.isEmpty ? $0.text : nil }
        }
        if let texts, texts.count == node.sequence?.count { return texts }
        problems.append(Self.wrongKind("`\(key)` is a list of strings, such as `\(example)`", node))
        return []
    }

    private static func wrongKind(_ what: String, _ node: SpecificationNode) -> Diagnostic {
        .error("Wrong kind of value", "\(what); here stands \(node.phrase).", at: node.range.firstLine)
    }
}
