import PlumbModel

/// Reads one operation of a type: a request, or several as `steps`.
struct OperationReader {
    private let what: String
    private let purpose: RequestReader.Purpose
    private let names: NameCheck
    private let requests: RequestReader
    /// The attributes by which items are told apart unless the file says otherwise.
    private let key: [String]
    private var section: SectionReader
    /// What expressions after the last request may name.
    private var after: NameCheck

    var problems: Diagnostics { section.problems }

    init(
        _ node: SpecificationNode, _ purpose: RequestReader.Purpose, of type: String, _ names: NameCheck, key: [String]
    ) {
        self.purpose = purpose
        self.names = names
        self.key = key
        what = "\(purpose.rawValue) of \(type)"
        requests = RequestReader(what: what, purpose: purpose)
        after = names.after(nil)
        let own: [String] =
            switch purpose {
            case .read, .lookup: ["steps", "live", "items", "page", "match"]
            case .list: ["items", "page", "match", "partial"]
            case .batch: ["items", "page", "match", "of"]
            case .create: ["steps", "live", "set", "wait", "refuse_existing", "again_on"]
            case .update: ["steps", "live", "set", "wait", "again_on"]
            case .delete: ["steps", "wait", "again_on"]
            case .poll: []
            }
        section = SectionReader(node, what, keys: requests.keys + own)
    }

    // MARK: - Whole operations: nil only if problems were found

    mutating func readReading() -> ReadOperation? {
        let steps = readSteps()
        let live = section.expression("live", after)
        let items = readItems(isRequired: false)
        guard !steps.isEmpty else { return nil }
        return ReadOperation(steps: steps, live: live, items: items)
    }

    mutating func readChange() -> ChangeOperation? {
        let steps = readSteps()
        let live = section.expression("live", after)
        let set = section.fields("set", after, among: names.attributes)
        let refusesExisting = section.flag("refuse_existing") ?? false
        let againOn = section.statuses("again_on") ?? []
        let wait = readWait(in: &section, after, isStep: false)
        guard !steps.isEmpty else { return nil }
        return ChangeOperation(
            steps: steps, live: live, set: set, refusesExisting: refusesExisting, wait: wait, againOn: againOn)
    }

    mutating func readList() -> ListOperation? {
        let request = requests.read(&section, names)
        let items = readItems(isRequired: true)
        let isPartial = section.flag("partial") ?? false
        guard let request, let items else { return nil }
        return ListOperation(request: request, items: items, isPartial: isPartial)
    }

    mutating func readBatch() -> BatchOperation? {
        let request = requests.read(&section, names)
        let items = readItems(isRequired: true)
        let size = section.count("of", in: 2...1000) ?? 50
        guard let request, let items else { return nil }
        return BatchOperation(request: request, items: items, size: size)
    }

    // MARK: - Parts

    private mutating func readSteps() -> [RequestStep] {
        guard let list = section.node["steps"] else {
            return requests.read(&section, names).map {
                [RequestStep(request: $0, name: nil, isOptional: false, wait: nil)]
            } ?? []
        }
        if let other = section.entries.first(where: { requests.keys.contains($0.key) }) {
            section.report(
                "Contradicting keys", "\(what) has \"steps\": \"\(other.key)\" belongs into one of them.",
                at: other.keyRange)
        }
        let nodes = list.sequence ?? []
        if nodes.isEmpty {
            section.report("Wrong kind of value", "\(what): steps must be a list of requests.", at: list.range)
        }
        var names = self.names
        var steps: [RequestStep] = []
        var taken: Set<String> = []
        for node in nodes {
            let own = ["as"] + (purpose.changes ? ["wait"] : ["optional"])
            var step = SectionReader(node, "a step of \(what)", keys: requests.keys + own)
            let request = requests.read(&step, names)
            let name = step.text("as")
            if let name, !taken.insert(name).inserted {
                step.report(
                    "Duplicate name", "\(what) has two steps named \"\(name)\".",
                    at: step.node["as"]?.range ?? node.range)
            }
            names = names.after(name)
            let wait = purpose.changes ? readWait(in: &step, names, isStep: true) : nil
            let isOptional = step.flag("optional") ?? false
            section.adopt(step.problems)
            guard let request else { continue }
            steps.append(RequestStep(request: request, name: name, isOptional: isOptional, wait: wait))
        }
        after = names
        return steps
    }

    private mutating func readItems(isRequired: Bool) -> ItemRule? {
        let match = section.attributes("match", among: names.attributes)
        let page = section.node["page"].flatMap { PagingReader.read($0, of: what, &section, after) }
        guard let items = section.expression("items", after) else {
            if section.node["items"] == nil {
                if isRequired, section.node.mapping != nil {
                    section.report(
                        "Missing key", "\(what) must say where the resources stand in the answer: items.",
                        at: section.node.range.firstLine)
                } else if let stray = section.entries.first(where: { ["page", "match"].contains($0.key) }) {
                    section.report(
                        "Missing key", "\(what): \"\(stray.key)\" is about items, so it needs \"items\".",
                        at: stray.keyRange)
                }
            }
            return nil
        }
        return ItemRule(items: items, page: page, match: match ?? key)
    }

    private func readWait(in section: inout SectionReader, _ names: NameCheck, isStep: Bool) -> Wait? {
        guard let node = section.node["wait"] else { return nil }
        let keys = ["poll", "when", "until", "failed", "message", "set", "interval", "longest", "timeout"]
        return section.section(node, "wait of \(what)", keys: keys) { wait in
            let poll = wait.node["poll"].flatMap { node in
                let reader = RequestReader(what: "poll of \(what)", purpose: .poll)
                return wait.section(node, reader.what, keys: reader.keys) { reader.read(&$0, names) }
            }
            let names = names.with(.live)
            let until = wait.condition("until", names)
            if wait.node["until"] == nil, node.mapping != nil, purpose != .delete || poll != nil || isStep {
                wait.report("Missing key", "wait of \(what) must say until when.", at: node.range.firstLine)
            }
            let interval = wait.duration("interval") ?? .seconds(2)
            return Wait(
                poll: poll, condition: wait.condition("when", names), until: until,
                failed: wait.condition("failed", names), message: wait.expression("message", names),
                set: wait.fields("set", names, among: names.attributes), interval: interval,
                longestInterval: wait.duration("longest") ?? interval,
                timeout: wait.duration("timeout") ?? .seconds(300))
        }
    }
}
