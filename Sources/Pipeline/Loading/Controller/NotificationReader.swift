import PlumbModel

/// Reads `notifications` of a controller's configuration.
struct NotificationReader {
    private let folder: String
    private var problems = Diagnostics()

    private static let example = "`{ops: {type: slack, url: {env: SLACK_URL}}}`"

    /// - Throws: all that is wrong with it.
    static func read(_ node: SpecificationNode, folder: String) throws(Diagnostics) -> [NotificationTarget] {
        let mapping = try MappingReader(node, "`notifications`", example: example)
        var reader = NotificationReader(folder: folder)
        let targets = mapping.entries.compactMap { reader.target($0) }
        try reader.problems.throwIfErrors()
        return targets
    }

    private init(folder: String) { self.folder = folder }

    private mutating func target(_ entry: SpecificationNode.Entry) -> NotificationTarget? {
        let read = problems.collect { () throws(Diagnostics) in
            try MappingReader(entry.value, "a notification", example: "`{type: slack, url: {env: SLACK_URL}}`")
        }
        guard let mapping = read else { return nil }
        mapping.refuseUnknown(["type", "url", "key", "on", "stacks"], of: "A notification", &problems)
        let form: NotificationTarget.Form? = choice(mapping["type"] ?? entry.value, "type")
        guard let url = mapping["url"] else {
            problems.append(
                .error(
                    "Notification has no URL", "`url` says where its URL is read, such as `{env: SLACK_URL}`.",
                    at: entry.keyRange))
            return nil
        }
        let place = secret(url, "url")
        let key = mapping["key"].flatMap { secret($0, "key") }
        var phases: Set<StackStatus.Phase> = [.failed, .halted, .waiting]
        if let on = mapping["on"] {
            phases = Set((on.sequence ?? [on]).compactMap { choice($0, "on") })
        }
        let stacks = mapping["stacks"].map { node in
            (node.sequence ?? [node]).compactMap { item in
                problems.collect { () throws(Diagnostics) in try LiteralReader.text(item, "stacks") } ?? nil
            }
        }
        guard let form, let place else { return nil }
        return NotificationTarget(
            name: entry.key, form: form, url: place, key: key, phases: phases, stacks: stacks ?? ["*"])
    }

    private mutating func secret(_ node: SpecificationNode, _ key: String) -> SecretReference? {
        problems.collect { [folder] () throws(Diagnostics) in try SecretReferenceReader.read(node, key, folder: folder)
        }
    }

    private mutating func choice<Choice: RawRepresentable & CaseIterable>(
        _ node: SpecificationNode, _ key: String
    ) -> Choice? where Choice.RawValue == String {
        let text = node.scalar?.value.asString ?? ""
        if let choice = Choice(rawValue: text) { return choice }
        let names = Choice.allCases.map(\.rawValue)
        problems.append(
            .error(
                "Unknown choice",
                "`\(key)` is one of \(names.map { "`\($0)`" }.joined(separator: ", ")); here stands "
                    + "\(text.isEmpty ? node.phrase : "\"\(text)\"").\(Suggestion.didYouMean(text, among: names))",
                at: node.range.firstLine))
        return nil
    }
}
