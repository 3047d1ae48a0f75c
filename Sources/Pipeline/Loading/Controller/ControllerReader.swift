public import PlumbModel

/// Reads the file of `plumb controller`. As with specs, all that is wrong is told at once, each with its place.
public struct ControllerReader {
    private var problems = Diagnostics()
    private var configuration: ControllerConfiguration

    static let keys = [
        "repositories", "state", "directory", "defaults", "concurrency", "shutdown", "notifications",
        "server",
    ]

    /// - Parameters:
    ///   - file: as it was read; its path is told in problems.
    ///   - folder: where relative paths in it begin: an absolute path.
    ///   - judge: what is to be said of something that the file takes for granted; nil where it is so.
    /// - Throws: all that is wrong with it.
    public static func read(
        _ file: SourceFile, folder: String, judge: (Assumption, SourceRange) -> Diagnostic? = { _, _ in nil }
    ) throws(Diagnostics) -> ControllerConfiguration {
        let documents = try YAMLReader.read(file).filter { !($0.scalar?.value.isNull ?? false) }
        guard let node = documents.first else {
            throw Diagnostics(
                .error(
                    "Configuration is empty",
                    "\"\(file.path)\" must name a repository at least: `repositories: {infra: {url: …}}`.",
                    at: SourceRange(file: file, start: 0, end: 0)))
        }
        var reader = ControllerReader(
            configuration: ControllerConfiguration(path: file.path, directory: folder + "/.plumb/controller"))
        if let second = documents.dropFirst().first {
            reader.report("Several documents", "A controller's configuration is one document.", second)
        }
        for (assumption, range) in AssumptionFinder(in: node, folder: folder).found {
            if let problem = judge(assumption, range) { reader.problems.append(problem) }
        }
        try reader.read(node, folder: folder)
        try reader.problems.throwIfErrors()
        reader.configuration.warnings = reader.problems
        return reader.configuration
    }

    private init(configuration: ControllerConfiguration) { self.configuration = configuration }

    private mutating func read(_ node: SpecificationNode, folder: String) throws(Diagnostics) {
        let mapping = try MappingReader(node, "a controller's configuration", example: "`repositories: {…}`")
        mapping.refuseUnknown(Self.keys, of: "The configuration", &problems)
        if let text = text(mapping, "directory") { configuration.directory = Self.absolute(text, folder) }
        if let state = mapping["state"], !state.isNothing {
            if state.mapping == nil {
                report("Wrong kind of value", "`state` is a mapping, such as `{postgres: {url: …}}`.", state)
            }
            problems.append(StateSecretCheck.problems(in: state))
            configuration.state = state
        }
        if let node = mapping["defaults"], !node.isNothing {
            let policy = problems.collect { () throws(Diagnostics) in try SyncReader.read(node, isStack: false) }
            if let policy { configuration.defaults = policy }
            if node.mapping == nil {
                report("Wrong kind of value", "`defaults` is a mapping, such as `{drift: {mode: heal}}`.", node)
            }
        }
        if let node = mapping["concurrency"], !node.isNothing {
            if let count = node.scalar?.value.asInt, (1...256).contains(count) {
                configuration.concurrency = count
            } else {
                report("Invalid number", "`concurrency` is a whole number from 1 to 256.", node)
            }
        }
        if let node = mapping["shutdown"], !node.isNothing, let seconds = duration(node, "shutdown", 1...86_400) {
            configuration.grace = seconds
        }
        if let node = mapping["notifications"], !node.isNothing {
            let targets = problems.collect { () throws(Diagnostics) in
                try NotificationReader.read(node, folder: folder)
            }
            configuration.notifications = targets ?? []
        }
        if let node = mapping["server"], !node.isNothing {
            let server = problems.collect { () throws(Diagnostics) in try ServerReader.read(node, folder: folder) }
            configuration.server = server?.settings
            configuration.webhookSecrets = server?.secrets ?? [:]
        }
        read(repositories: mapping["repositories"], in: node, folder)
    }

    // MARK: - Repositories

    private mutating func read(repositories node: SpecificationNode?, in root: SpecificationNode, _ folder: String) {
        guard let node, let entries = node.mapping, !entries.isEmpty else {
            return report(
                "No repositories",
                "`repositories` names those that are followed, such as `{infra: {url: https://git.example.org/infra}}`.",
                node ?? root)
        }
        var places: [String: SourceRange] = [:]
        for entry in entries {
            guard Identifier.isValid(entry.key) else {
                problems.append(
                    .error(
                        "Invalid name",
                        "\"\(entry.key)\" cannot name a repository: a name \(Identifier.rule).",
                        at: entry.keyRange))
                continue
            }
            let read = problems.collect { () throws(Diagnostics) in
                try FollowingReader.read(entry, folder: folder)
            }
            guard let following = read else { continue }
            if let first = places[following.repository.url] {
                problems.append(
                    .warning(
                        "Repository is named twice",
                        "\"\(following.repository.url)\" is followed under two names. Make sure that no folder is a stack of both.",
                        at: entry.keyRange, notes: [Diagnostic.Note("The first stands here", at: first)]))
            }
            places[following.repository.url] = entry.keyRange
            configuration.repositories.append(following)
        }
    }

    // MARK: - Scalars

    private mutating func text(_ mapping: MappingReader, _ key: String) -> String? {
        let text = problems.collect { () throws(Diagnostics) in try LiteralReader.text(mapping[key], key) }
        return text ?? nil
    }

    private mutating func duration(_ node: SpecificationNode, _ key: String, _ range: ClosedRange<Double>) -> Double? {
        if let seconds = node.scalar?.value.asString.flatMap(Duration.seconds(parsing:)), range.contains(seconds) {
            return seconds
        }
        report("Invalid duration", "`\(key)` is a duration, such as `60s` or `5m`.", node)
        return nil
    }

    private mutating func report(_ summary: String, _ detail: String, _ node: SpecificationNode) {
        problems.append(.error(summary, detail, at: node.range.firstLine))
    }

    static func absolute(_ path: String, _ folder: String) -> String {
        path.hasPrefix("/") ? path : folder + "/" + path
    }
}

extension SpecificationNode {
    var isNothing: Bool { scalar?.value.isNull ?? false }
}
