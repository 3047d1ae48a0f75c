import PlumbModel

/// Takes a test file's document apart.
struct StackTestReader {
    private static let keys = ["variables", "mocks", "runs"]

    private(set) var test: StackTest
    private(set) var problems = Diagnostics()

    init(path: String) { test = StackTest(path: path) }

    mutating func read(_ document: SpecificationNode) {
        let mapping = mapping(document, "a test file", "`{runs: [{name: first, assert: [...]}]}`")
        guard let mapping else { return }
        mapping.refuseUnknown(Self.keys, of: "A test file", &problems)
        test.variables = names(mapping["variables"], "variable", "`variables`", "`{region: eu}`")
        test.mocks = entries(mapping["mocks"], "`mocks`", "`{http: {}}`").compactMap { mock($0) }
        guard let runs = mapping["runs"], !isNull(runs) else {
            return report(
                "Test file has no runs",
                "A test file needs `runs`, a list with at least one run, such as "
                    + "`runs: [{name: first, assert: [...]}]`.", mapping.node.range.firstLine)
        }
        guard let items = runs.sequence else {
            return report(
                "Wrong kind of value",
                "`runs` is a list, such as `[{name: first, assert: [...]}]`; here stands \(runs.phrase).",
                runs.range.firstLine)
        }
        if items.isEmpty {
            report("Test file has no runs", "`runs` is empty. Write at least one run.", runs.range.firstLine)
        }
        for item in items { readRun(item) }
    }

    // MARK: - Mocks

    private mutating func mock(_ entry: SpecificationNode.Entry) -> StackTest.Mock? {
        guard !isNull(entry.value) else {
            return StackTest.Mock(provider: entry.key, range: entry.keyRange, resources: [], data: [])
        }
        let mapping = mapping(entry.value, "a mocked provider", "`{resources: {dns_zone: {defaults: {id: abc}}}}`")
        guard let mapping else { return nil }
        mapping.refuseUnknown(["resources", "data"], of: "A mocked provider", &problems)
        return StackTest.Mock(
            provider: entry.key, range: entry.keyRange, resources: types(mapping["resources"], "resources"),
            data: types(mapping["data"], "data"))
    }

    private mutating func types(_ node: SpecificationNode?, _ key: String) -> [StackTest.MockedType] {
        entries(node, "`\(key)` of a mocked provider", "`{dns_zone: {defaults: {id: abc}}}`").compactMap { entry in
            guard let mapping = mapping(entry.value, "a mocked type", "`{defaults: {id: abc}}`") else { return nil }
            mapping.refuseUnknown(["defaults"], of: "A mocked type", &problems)
            return StackTest.MockedType(
                name: entry.key, range: entry.keyRange,
                defaults: names(mapping["defaults"], nil, "`defaults`", "`{id: abc}`"))
        }
    }

    // MARK: - Names and lists

    /// `what` is what the names name; nil where any name may stand.
    mutating func names(
        _ node: SpecificationNode?, _ what: String?, _ phrase: String, _ example: String
    ) -> [NamedNode] {
        entries(node, phrase, example).map { entry in
            if let what {
                problems.collect { () throws(Diagnostics) in
                    try Identifier.check(entry.key, what, at: entry.keyRange)
                }
            }
            return NamedNode(name: entry.key, nameRange: entry.keyRange, node: entry.value)
        }
    }

    mutating func entries(
        _ node: SpecificationNode?, _ phrase: String, _ example: String
    ) -> [SpecificationNode.Entry] {
        guard let node, !isNull(node) else { return [] }
        return mapping(node, phrase, example)?.entries ?? []
    }

    mutating func mapping(_ node: SpecificationNode, _ what: String, _ example: String) -> MappingReader? {
        problems.collect { () throws(Diagnostics) in try MappingReader(node, what, example: example) }
    }

    mutating func report(_ summary: String, _ detail: String, _ place: SourceRange) {
        problems.append(.error(summary, detail, at: place))
    }

    func isNull(_ node: SpecificationNode) -> Bool { node.scalar?.value.isNull ?? false }

    mutating func append(_ run: StackTest.Run) { test.runs.append(run) }
    mutating func collect<Result>(_ body: () throws(Diagnostics) -> Result) -> Result? { problems.collect(body) }
    mutating func refuseUnknown(_ keys: [String], of what: String, in mapping: MappingReader) {
        mapping.refuseUnknown(keys, of: what, &problems)
    }
}
