import PlumbModel

/// Reads `pull_requests` of a repository in a controller's configuration.
struct PullRequestSettingsReader {
    private var problems = Diagnostics()
    private let kind: ForgeKind?

    private init(_ kind: ForgeKind?) { self.kind = kind }

    private static let example = "`{apply: on_merge, approvals: 1}`"
    private static let keys = ["plan", "apply", "requirements", "approvals", "allow", "strangers", "labels"]

    /// - Parameter kind: of the forge; nil where that cannot be read.
    /// - Throws: all that is wrong with it.
    static func read(
        _ node: SpecificationNode, at kind: ForgeKind?
    ) throws(Diagnostics) -> PullRequestSettings {
        let mapping = try MappingReader(node, "`pull_requests`", example: example)
        var reader = PullRequestSettingsReader(kind)
        let settings = reader.read(mapping)
        try reader.problems.throwIfErrors()
        return settings
    }

    private mutating func read(_ mapping: MappingReader) -> PullRequestSettings {
        mapping.refuseUnknown(Self.keys, of: "`pull_requests`", &problems)
        var settings = PullRequestSettings()
        settings.plans = flag(mapping["plan"], "plan", settings.plans)
        settings.labels = flag(mapping["labels"], "labels", settings.labels)
        if let node = mapping["apply"], !node.isNothing {
            // `off` without quotes is a string in YAML 1.2, and false to whoever writes false.
            settings.applying =
                node.scalar?.value.asBool == false ? .off : choice(node, "apply") ?? settings.applying
        }
        if let node = mapping["strangers"], !node.isNothing {
            settings.strangers = choice(node, "strangers") ?? settings.strangers
        }
        if let node = mapping["requirements"], !node.isNothing {
            settings.requirements = Set((node.sequence ?? [node]).compactMap { choice($0, "requirements") })
        }
        if let node = mapping["approvals"], !node.isNothing { settings.approvals = approvals(node, settings) }
        if let node = mapping["allow"], !node.isNothing { settings.allowed = names(node) }
        if !settings.plans, settings.applying != .off {
            report(
                "Nothing to apply",
                "With `plan: false` nothing is planned unless somebody comments `plumb plan`, and what is merged without a plan is "
                    + "treated as any other commit. Write `apply: off` with it, or let it plan.",
                mapping["plan"] ?? mapping.node)
        }
        return settings
    }

    private mutating func approvals(_ node: SpecificationNode, _ settings: PullRequestSettings) -> Int {
        let number = node.scalar.flatMap { Int($0.text) }
        guard let number, (1...20).contains(number) else {
            report(
                "Invalid number",
                "`approvals` says how many people have to approve, from 1 to 20. Where none has to, leave `approved` out of "
                    + "`requirements`.", node)
            return settings.approvals
        }
        if !settings.requirements.contains(.approved) {
            report(
                "Approvals that nothing asks for",
                "`approvals` counts only with `approved` among `requirements`. Add it there, or remove `approvals`.",
                node)
        }
        return number
    }

    private mutating func names(_ node: SpecificationNode) -> [String] {
        let names = (node.sequence ?? [node]).compactMap { item in
            problems.collect { () throws(Diagnostics) in try LiteralReader.text(item, "allow") } ?? nil
        }
        if names.isEmpty, problems.isEmpty {
            report(
                "Empty list",
                "`allow` names who may give commands, such as `[ada, acme/platform]`. Without `allow` all with write permission may.",
                node)
        }
        for (name, item) in zip(names, node.sequence ?? [node]) where !isName(name) {
            report(
                "Invalid name",
                "`allow` holds names of people, as `ada`, and of teams: `acme/platform` is the team `platform` of the organisation "
                    + "`acme`, at GitLab a group's path, and `acme/` there a group that is in no other.", item)
        }
        return names.map { $0.hasPrefix("@") ? String($0.dropFirst()) : $0 }
    }

    private func isName(_ name: String) -> Bool {
        let plain = name.hasPrefix("@") ? name.dropFirst() : name[...]
        var parts = plain.split(separator: "/", omittingEmptySubsequences: false)
        if kind == .gitlab, parts.count == 2, parts[1].isEmpty { parts.removeLast() }
        return parts.allSatisfy { !$0.isEmpty } && (parts.count <= 2 || kind == .gitlab)
    }

    private mutating func flag(_ node: SpecificationNode?, _ key: String, _ fallback: Bool) -> Bool {
        guard let node, !node.isNothing else { return fallback }
        return problems.collect { () throws(Diagnostics) in try LiteralReader.bool(node, key, default: fallback) }
            ?? fallback
    }

    private mutating func choice<Choice: RawRepresentable & CaseIterable>(
        _ node: SpecificationNode, _ key: String
    ) -> Choice? where Choice.RawValue == String {
        let text = node.scalar?.value.asString ?? ""
        if let choice = Choice(rawValue: text) { return choice }
        let known = Choice.allCases.map(\.rawValue)
        report(
            "Unknown choice",
            "`\(key)` is one of \(known.map { "`\($0)`" }.joined(separator: ", ")); here stands "
                + "\(text.isEmpty ? node.phrase : "\"\(text)\"").\(Suggestion.didYouMean(text, among: known))",
            node)
        return nil
    }

    private mutating func report(_ summary: String, _ detail: String, _ node: SpecificationNode) {
        problems.append(.error(summary, detail, at: node.range.firstLine))
    }
}
