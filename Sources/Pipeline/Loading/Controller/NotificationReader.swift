import PlumbModel

/// Reads `notifications` of a controller's configuration.
struct NotificationReader {
    private let folder: String
    private var problems = Diagnostics()

    private enum Kind: String, CaseIterable { case webhook, slack, email }

    private static let example = "`{ops: {type: slack, url: {env: SLACK_URL}}}`"
    private static let commonKeys = ["type", "on", "stacks"]

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
        let kind: Kind? = choice(mapping["type"] ?? entry.value, "type")
        let channel = kind.flatMap { self.channel($0, mapping, entry) }
        var phases: Set<StackStatus.Phase> = [.failed, .halted, .waiting]
        if let on = mapping["on"] {
            phases = Set((on.sequence ?? [on]).compactMap { choice($0, "on") })
        }
        let stacks = mapping["stacks"].flatMap { node in
            problems.collect { () throws(Diagnostics) in try GlobReader.read(node, "stacks", of: .names).map(\.text) }
        }
        guard let channel else { return nil }
        return NotificationTarget(name: entry.key, channel: channel, phases: phases, stacks: stacks ?? ["*"])
    }

    private mutating func channel(
        _ kind: Kind, _ mapping: MappingReader, _ entry: SpecificationNode.Entry
    ) -> NotificationTarget.Channel? {
        let own: [String] =
            switch kind {
            case .webhook: ["url", "key"]
            case .slack: ["url"]
            case .email: MailRouteReader.keys
            }
        mapping.refuseUnknown(
            Self.commonKeys + own, of: "A notification of the type `\(kind.rawValue)`", &problems)
        if kind == .email {
            return problems.collect { [folder] () throws(Diagnostics) in
                try MailRouteReader.read(mapping, folder: folder, at: entry.keyRange)
            }.map { .email($0) }
        }
        guard let node = mapping["url"] else {
            problems.append(
                .error(
                    "Notification has no URL", "`url` says where its URL is read, such as `{env: SLACK_URL}`.",
                    at: entry.keyRange))
            return nil
        }
        let url = secret(node, "url")
        let key = mapping["key"].flatMap { secret($0, "key") }
        return url.map { kind == .slack ? .slack(url: $0) : .webhook(url: $0, key: key) }
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
