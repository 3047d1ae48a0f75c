internal import PlumbModel

/// Reads `depends_on`: addresses of resources and of modules, which only order.
struct DependencyReader {
    private(set) var diagnostics = Diagnostics()

    init() {}

    mutating func read(_ node: SpecificationNode?, _ address: ResourceAddress?) -> [DependencyTarget] {
        guard let node else { return [] }
        guard let items = node.sequence else {
            report("Wrong type", "`depends_on` must be a list, but it is \(node.phrase).", address, node.range)
            return []
        }
        return items.compactMap { target($0, address) }
    }

    private mutating func target(_ node: SpecificationNode, _ address: ResourceAddress?) -> DependencyTarget? {
        var text = node.scalar?.value.asString ?? ""
        if text.hasPrefix("${"), text.hasSuffix("}") { text = String(text.dropFirst(2).dropLast()) }
        if let found = ResourceAddress(parsing: text), found.module.isEmpty { return .resource(found.resource) }
        // An address below a module is read with a resource of any name at its end.
        if let found = ResourceAddress(parsing: text + ".any.any"), found.module.count == 1, found.mode == .managed,
            found.type == "any"
        {
            return .module(found.module[0])
        }
        report(
            "Invalid address",
            "`depends_on` lists addresses of resources such as `local_file.motd` or `data.local_file.motd`, and of modules "
                + "such as `module.network`.", address, node.range)
        return nil
    }

    private mutating func report(
        _ summary: String, _ detail: String, _ address: ResourceAddress?, _ range: SourceRange
    ) {
        diagnostics.append(.error(summary, detail, address: address, at: range))
    }
}
