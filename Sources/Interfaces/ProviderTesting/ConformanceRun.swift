import PlumbModel
import ProviderAPI

/// One run of one check: makes the calls as the engine would, compares, and clears up after itself.
struct ConformanceRun {
    let conformance: ProviderConformance
    let check: ConformanceCheck
    let type: any ResourceType
    let unique: String
    /// What was created and is not known to be deleted.
    private var living: [ResourceState] = []

    init(conformance: ProviderConformance, check: ConformanceCheck, type: any ResourceType) {
        self.conformance = conformance
        self.check = check
        self.type = type
        self.unique = "c" + String(UInt64.random(in: 0...UInt64.max), radix: 36)
    }

    mutating func perform() async throws {
        switch check {
        case .hasSoundSchema: try checkSchema()
        case .createsAsPlanned: try await checkCreation()
        case .readsBack: try await checkReadingBack()
        case .plansNothing: try await checkNothingToDo()
        case .updatesInPlace: try await checkUpdate()
        case .replaces: try await checkReplacement()
        case .seesAndHealsDrift: try await checkDrift()
        case .deletes: try await checkDeletion()
        case .deletesWhatIsGone: try await checkDeletionOfGone()
        case .readsMany: try await checkReadingMany()
        case .imports: try await checkImport()
        case .repeatsCreation: try await checkRepeatedCreation()
        case .recoversUnstartedCreation: try await checkUnstartedCreation()
        case .recoversLostCreation: try await checkLostCreation()
        case .recoversUnstartedUpdate: try await checkUnstartedUpdate()
        case .recoversLostUpdate: try await checkLostUpdate()
        case .recoversUnstartedDeletion: try await checkUnstartedDeletion()
        case .recoversLostDeletion: try await checkLostDeletion()
        case .survivesCancellation: try await checkCancellation()
        case .survivesThrottling: try await checkFault(.throttling)
        case .survivesServerError: try await checkFault(.serverError)
        case .survivesTimeout: try await checkFault(.timeout)
        case .survivesLostResponse: try await checkFault(.lostResponse)
        }
    }

    /// Deletes what the check left. A failure here would only hide the check's own.
    mutating func cleanUp() async {
        for state in living.reversed() {
            try? await type.delete(DeleteRequest(prior: state, intent: ConformanceRun.newIntent()))
        }
        living = []
    }

    static func newIntent() -> String {
        let high = UInt64.random(in: 0...UInt64.max)
        let low = UInt64.random(in: 0...UInt64.max)
        let digits = [high, low].map { word in
            let text = String(word, radix: 16)
            return String(repeating: "0", count: 16 - text.count) + text
        }.joined()
        var parts: [Substring] = []
        var rest = digits[...]
        for length in [8, 4, 4, 4, 12] {
            parts.append(rest.prefix(length))
            rest = rest.dropFirst(length)
        }
        return parts.joined(separator: "-")
    }
}

// The calls, as the engine makes them.
extension ConformanceRun {
    /// All attributes, null where the test gives nothing: what the engine hands to `plan`.
    func complete(_ declaration: ProviderConformance.Declaration) -> Value {
        let given = declaration(unique).asMap ?? ValueMap()
        return .object(
            ValueMap(type.schema.attributes.map { ($0.name, given[$0.name] ?? .null) }))
    }

    func plan(_ declaration: ProviderConformance.Declaration, prior: ResourceState?) async throws -> ResourcePlan {
        let declared = complete(declaration)
        let plan = try await type.plan(PlanRequest(prior: prior, declared: declared))
        try expectCompletePlan(plan, declared: declared)
        return plan
    }

    mutating func create(_ planned: Value, intent: String = ConformanceRun.newIntent()) async throws -> ResourceState {
        let state = try await type.create(CreateRequest(planned: planned, intent: intent))
        living.append(state)
        try expectPromiseKept(planned, state)
        return state
    }

    mutating func create() async throws -> ResourceState {
        try await create(try await plan(conformance.declared, prior: nil).planned)
    }

    mutating func update(_ prior: ResourceState, to planned: Value) async throws -> ResourceState {
        let request = UpdateRequest(prior: prior, planned: planned, intent: ConformanceRun.newIntent())
        let state = try await type.update(request)
        living.append(state)
        try expectPromiseKept(planned, state)
        return state
    }

    mutating func delete(_ state: ResourceState) async throws {
        try await type.delete(DeleteRequest(prior: state, intent: ConformanceRun.newIntent()))
    }

    /// What exists now; for types without a live state, what is recorded.
    func read(_ state: ResourceState) async throws -> ResourceState? {
        type.hasLiveState ? try await type.read(state) : state
    }

    func exists(_ state: ResourceState) async throws -> Bool? {
        try await conformance.exists?(state)
    }

    mutating func remember(_ state: ResourceState) { living.append(state) }
}

// What must hold.
extension ConformanceRun {
    func fail(expected: String, got: String) -> ConformanceFailure {
        ConformanceFailure(check, expected: expected, got: got)
    }

    func expect(_ holds: Bool, _ expected: String, got: String) throws {
        if !holds { throw fail(expected: expected, got: got) }
    }

    func expectExistence(_ wanted: Bool, of state: ResourceState) async throws {
        guard let there = try await exists(state) else { return }
        try expect(
            there == wanted, "the system \(wanted ? "has" : "does not have") the resource",
            got: there ? "it is there" : "it is not there")
    }

    /// The same values, attribute by attribute, apart from differences that the schema calls none.
    func expectSame(_ expected: Value, _ got: Value, _ what: String, except: Set<String> = []) throws {
        for attribute in type.schema.attributes where !except.contains(attribute.name) {
            let left = expected[key: attribute.name] ?? .null
            let right = got[key: attribute.name] ?? .null
            if left == right || attribute.normalisation?.areSame(left, right) == true { continue }
            throw fail(
                expected: "\(what): \(attribute.name) = \(show(left, attribute))", got: show(right, attribute))
        }
    }

    /// A plan has all attributes, keeps what is declared, and leaves open only what the provider computes.
    private func expectCompletePlan(_ plan: ResourcePlan, declared: Value) throws {
        let map = plan.planned.asMap ?? ValueMap()
        try expectAllAttributes(map, "a planned value")
        for attribute in type.schema.attributes {
            let wanted = declared[key: attribute.name] ?? .null
            let planned = map[attribute.name] ?? .null
            if !attribute.isComputed {
                try expect(
                    planned.isWhollyKnown, "\(attribute.name) is known in the plan, as in the spec", got: "unknown")
            }
            guard !wanted.isNull, planned != wanted, attribute.normalisation?.areSame(planned, wanted) != true else {
                continue
            }
            throw fail(
                expected: "the plan keeps the declared \(attribute.name) = \(show(wanted, attribute))",
                got: show(planned, attribute))
        }
        for path in plan.replacePaths {
            guard case .key(let name) = path.steps.first, type.schema[name] != nil else {
                throw fail(expected: "replace paths that start with an attribute", got: "\"\(path)\"")
            }
        }
    }

    private func expectAllAttributes(_ map: ValueMap, _ what: String) throws {
        let names = type.schema.attributes.map(\.name).sorted()
        try expect(
            map.keys.sorted() == names, "\(what) has exactly the attributes \(names.joined(separator: ", "))",
            got: map.keys.joined(separator: ", "))
    }

    /// An apply may fill in what the plan left unknown, and nothing else.
    func expectPromiseKept(_ planned: Value, _ state: ResourceState) throws {
        try expectAllAttributes(state.values.asMap ?? ValueMap(), "the state")
        for attribute in type.schema.attributes {
            // What changes by itself may have done so already.
            if attribute.isVolatile, !attribute.isSettable { continue }
            let promised = planned[key: attribute.name] ?? .null
            let got = state.values[key: attribute.name] ?? .null
            try expect(!got.containsSensitive, "\(attribute.name) comes without marks", got: "a sensitive mark")
            if keeps(promised, got) || attribute.normalisation?.areSame(promised, got) == true { continue }
            throw fail(
                expected: "the apply keeps the planned \(attribute.name) = \(show(promised, attribute))",
                got: show(got, attribute))
        }
    }

    private func keeps(_ promised: Value, _ got: Value) -> Bool {
        switch (promised.kind, got.kind) {
        case (.unknown, _): return got.isWhollyKnown
        case (.list(let a, _), .list(let b, _)): return a.count == b.count && zip(a, b).allSatisfy(keeps)
        case (.map(let a, _), .map(let b, _)):
            return a.keys == b.keys && zip(a.values, b.values).allSatisfy(keeps)
        default: return promised == got
        }
    }

    func show(_ value: Value, _ attribute: AttributeSchema) -> String {
        if value.isUnknown { return "(unknown)" }
        return attribute.isSensitive && !value.isNull ? "(sensitive)" : value.json
    }
}
