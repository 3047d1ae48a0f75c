internal import Expressions
internal import Loading
internal import PlumbModel
internal import Resolving

/// Declares what was recorded at an earlier generation, so that a plan can be made towards it.
///
/// Every attribute that a spec can set gets its recorded value, by way of a variable: so nothing in it is taken for an
/// expression, and secrets keep their marks. Providers are configured as the stack configures them now.
struct RollbackSpecification: Sendable {
    private let resources: [(address: ResourceAddress, instances: [Instance])]
    private let outputs: [OutputRecord]
    /// The resources that come into being again, in the order in which they once did.
    private let creations: [ResourceAddress]
    private let types: RecordedTypes

    /// One instance as it is to be.
    struct Instance: Sendable {
        let record: ResourceRecord
    }

    /// - Parameters:
    ///   - records: what there is to be of each resource that something has changed of, all its instances.
    init(
        _ records: [ResourceRecord], outputs: [OutputRecord], creations: [ResourceAddress],
        types: RecordedTypes
    ) {
        let groups = Dictionary(grouping: records, by: \.address.resource)
        resources = groups.keys.sorted().map { address in
            let instances = (groups[address] ?? []).sorted { $0.address < $1.address }
            return (address, instances.map(Instance.init))
        }
        self.outputs = outputs
        self.creations = creations
        self.types = types
    }

    /// The declarations, in place of those of the stack's own specs.
    func specification(of stack: Specification) throws(Diagnostics) -> Specification {
        let source = MemorySource(
            name: "the state's history",
            contents: ["stack.yaml": Array("stack: rollback\n".utf8), "history.yaml": Array(try yaml().utf8)])
        let declared = try SpecLoader(source: source).load()
        var result = Specification(stack: stack.stack)
        result.variables = stack.variables + declared.variables
        result.locals = stack.locals.filter(try Self.names(usedBy: stack.stack.providers, stack.locals))
        result.resources = declared.resources
        result.outputs = declared.outputs
        result.files = stack.files + declared.files
        result.variableFiles = stack.variableFiles
        return result
    }

    /// The values of the variables that the declarations name.
    var variables: [GivenVariable] {
        let resources = resources.enumerated().map { index, resource in
            GivenVariable(
                name: Self.variable(index), content: .value(values(of: resource.instances)),
                origin: "the state's history")
        }
        let outputs = outputs.enumerated().map { index, output in
            GivenVariable(
                name: "plumb_rollback_output_\(index)", content: .value(output.value), origin: "the state's history")
        }
        return resources + outputs
    }

    private func values(of instances: [Instance]) -> Value {
        switch instances.first?.record.address.key {
        case .name:
            return .object(
                ValueMap(
                    instances.compactMap { instance in
                        guard case .name(let name) = instance.record.address.key else { return nil }
                        return (name, instance.record.values)
                    }))
        case .index: return .tuple(instances.map(\.record.values))
        case nil: return instances.first?.record.values ?? .null
        }
    }

    // MARK: - Text

    private static func variable(_ index: Int) -> String { "plumb_rollback_\(index)" }

    private func yaml() throws(Diagnostics) -> String {
        var text = "variables:\n"
        for index in resources.indices { text += "  \(Self.variable(index)): {}\n" }
        for index in outputs.indices { text += "  plumb_rollback_output_\(index): {}\n" }
        if resources.isEmpty, outputs.isEmpty { text = "" }
        if !resources.isEmpty { text += "resources:\n" }
        for (index, resource) in resources.enumerated() { text += try yaml(resource, Self.variable(index)) }
        if !outputs.isEmpty { text += "outputs:\n" }
        for (index, output) in outputs.enumerated() {
            text += "  \(output.name): {value: \"${var.plumb_rollback_output_\(index)}\", "
            text += "sensitive: \(output.value.containsSensitive)}\n"
        }
        return text
    }

    private func yaml(
        _ resource: (address: ResourceAddress, instances: [Instance]), _ variable: String
    ) throws(Diagnostics) -> String {
        guard let first = resource.instances.first?.record else { return "" }
        var text = "  \(resource.address):\n    provider: \(Value.string(first.provider).json)\n"
        let value: String
        switch first.address.key {
        case .name:
            text += "    for_each: \"${var.\(variable)}\"\n"
            value = "each.value"
        case .index:
            try checkCount(resource.instances)
            text += "    count: \(resource.instances.count)\n"
            value = "var.\(variable)[count.index]"
        case nil: value = "var.\(variable)"
        }
        let dependencies = dependencies(of: resource.address)
        if !dependencies.isEmpty {
            text += "    depends_on: [\(dependencies.map(\.description).joined(separator: ", "))]\n"
        }
        text += "    lifecycle: {create_before_destroy: \(first.createsBeforeDestroy), "
        // What no history keeps stays as it is.
        let kept = try writeOnly(resource.instances.map(\.record))
        if !kept.isEmpty { text += "ignore_changes: [\(kept.joined(separator: ", "))], " }
        text += "prevent_destroy: \(first.isProtected)}\n    spec:"
        let names = try settable(resource.instances.map(\.record))
        if names.isEmpty { return text + " {}\n" }
        text += "\n"
        for name in names { text += "      \(name): \"${\(value).\(name)}\"\n" }
        return text
    }

    /// What was created later waits for what was created earlier: history does not keep what depended on what.
    private func dependencies(of address: ResourceAddress) -> [ResourceAddress] {
        guard let index = creations.firstIndex(of: address), index > 0 else { return [] }
        return [creations[index - 1]]
    }

    private func settable(_ records: [ResourceRecord]) throws(Diagnostics) -> [String] {
        guard let record = records.first, let schema = types.schema(of: record) else {
            throw Diagnostics(
                .error(
                    "Row of an unknown type",
                    "No provider that stack.yaml configures has the type of \(records.first?.address.description ?? "it"), so "
                        + "that nothing can be done about it.", address: records.first?.address))
        }
        return schema.attributes.filter { attribute in
            attribute.isSettable && !attribute.isWriteOnly
                && records.contains { !($0.values[key: attribute.name] ?? .null).isNull }
        }.map(\.name)
    }

    private func writeOnly(_ records: [ResourceRecord]) throws(Diagnostics) -> [String] {
        guard let record = records.first, let schema = types.schema(of: record) else { return [] }
        return schema.attributes.filter(\.isWriteOnly).map(\.name)
    }

    private func checkCount(_ instances: [Instance]) throws(Diagnostics) {
        let indexes = instances.map { instance -> Int in
            if case .index(let index) = instance.record.address.key { index } else { -1 }
        }
        guard indexes.sorted() != Array(0..<instances.count), let address = instances.first?.record.address else {
            return
        }
        throw Diagnostics(
            .error(
                "Rollback of some of many",
                "The instances of \(address.resource) were not numbered from 0 on then, which `count` cannot say again.",
                address: address.resource))
    }

    /// The locals that the configuration of providers names, directly or by way of others.
    private static func names(
        usedBy providers: SpecificationNode?, _ locals: [NamedNode]
    ) throws(Diagnostics) -> (NamedNode) -> Bool {
        var pending = providers.map { [$0] } ?? []
        var names: Set<String> = []
        while let node = pending.popLast() {
            for found in try ExpressionParser.parse(node).references {
                guard case .local(let name) = found.reference, names.insert(name).inserted else { continue }
                pending += locals.filter { $0.name == name }.map(\.node)
            }
        }
        return { names.contains($0.name) }
    }
}
