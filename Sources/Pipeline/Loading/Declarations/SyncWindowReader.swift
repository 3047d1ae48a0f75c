import PlumbModel

/// Reads `windows` of `sync`: when a controller may, or must not, change something.
struct SyncWindowReader {
    private var problems = Diagnostics()

    private static let example = "`{allow: \"0 22 * * 1-5\", for: 4h, zone: Europe/Berlin}`"

    /// - Throws: all that is wrong with them.
    static func read(_ node: SpecificationNode) throws(Diagnostics) -> [SyncWindow] {
        guard let nodes = node.sequence else {
            throw Diagnostics(
                .error(
                    "Wrong kind of value",
                    "`windows` is a list of windows, such as \(example); here stands \(node.phrase).",
                    at: node.range.firstLine))
        }
        var reader = SyncWindowReader()
        let windows = nodes.compactMap { reader.window($0) }
        try reader.problems.throwIfErrors()
        return windows
    }

    private mutating func window(_ node: SpecificationNode) -> SyncWindow? {
        let read = problems.collect { () throws(Diagnostics) in
            try MappingReader(node, "a window", example: Self.example)
        }
        guard let window = read else { return nil }
        window.refuseUnknown(["allow", "deny", "for", "zone", "actions"], of: "A window", &problems)
        guard (window["allow"] == nil) != (window["deny"] == nil), let written = window["allow"] ?? window["deny"]
        else {
            report(
                "Window without a schedule",
                "A window has either `allow` or `deny` with a schedule, such as \(Self.example).", node)
            return nil
        }
        let schedule = schedule(written)
        let duration = duration(window, node)
        let zone = zone(window["zone"])
        let actions = actions(window["actions"])
        guard let schedule, let duration, let zone, let actions else { return nil }
        return SyncWindow(
            allows: window["allow"] != nil, schedule: schedule, duration: duration, zone: zone, actions: actions)
    }

    private mutating func schedule(_ node: SpecificationNode) -> CronSchedule? {
        let example = "A schedule is what cron takes, such as `\"0 22 * * 1-5\"` or `\"@daily\"`."
        guard let text = node.scalar?.value.asString else {
            report("Invalid schedule", "\(example) Here stands \(node.phrase).", node)
            return nil
        }
        do throws(CronSchedule.Malformed) {
            return try CronSchedule(text)
        } catch {
            report("Invalid schedule", "\"\(text)\" cannot be read: \(error.reason) \(example)", node)
            return nil
        }
    }

    private mutating func duration(_ window: MappingReader, _ node: SpecificationNode) -> Double? {
        let written = window["for"]
        let seconds = written?.scalar?.value.asString.flatMap(Duration.seconds(parsing:))
        if let seconds, (60...2_678_400).contains(seconds) { return seconds }
        report(
            "Invalid duration",
            "`for` says how long the window stays open, from a minute to 31 days, such as `4h` or `90m`.",
            written ?? node)
        return nil
    }

    private mutating func zone(_ node: SpecificationNode?) -> String? {
        guard let node else { return "UTC" }
        if let name = node.scalar?.value.asString, TimeZoneName.isPossible(name) { return name }
        report(
            "Invalid time zone",
            "A time zone is called as in the time zone database, such as `Europe/Berlin` or `UTC`; here stands "
                + "\(node.scalar.map { "\"\($0.text)\"" } ?? node.phrase).", node)
        return nil
    }

    private mutating func actions(_ node: SpecificationNode?) -> Set<SyncWindow.Action>? {
        guard let node else { return Set(SyncWindow.Action.allCases) }
        let names = SyncWindow.Action.allCases.map(\.rawValue)
        var actions: Set<SyncWindow.Action> = []
        for item in node.sequence ?? [node] {
            let text = item.scalar?.value.asString ?? ""
            guard let action = SyncWindow.Action(rawValue: text) else {
                report(
                    "Unknown action",
                    "`actions` holds some of \(names.map { "`\($0)`" }.joined(separator: ", ")); here stands "
                        + "\(text.isEmpty ? item.phrase : "\"\(text)\"").\(Suggestion.didYouMean(text, among: names))",
                    item)
                return nil
            }
            actions.insert(action)
        }
        return actions.isEmpty ? Set(SyncWindow.Action.allCases) : actions
    }

    private mutating func report(_ summary: String, _ detail: String, _ node: SpecificationNode) {
        problems.append(.error(summary, detail, at: node.range.firstLine))
    }
}
