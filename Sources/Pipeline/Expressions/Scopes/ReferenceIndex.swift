public import PlumbModel

/// Which resources stand behind the names that expressions use, followed through locals and through the inputs and
/// outputs of modules.
public final class ReferenceIndex {
    private let modules: [ModuleInstance]
    private let indexByAddress: [ResourceAddress: Int]
    /// Indexes of declarations.
    private var behind: [ModuleName: [Int]] = [:]

    /// - Parameter declarations: in the order of `ResourceGraph.declarations`.
    public init(modules: [ModuleInstance], declarations: [ResolvedResource]) {
        self.modules = modules
        indexByAddress = Dictionary(
            declarations.enumerated().map { ($1.address, $0) }, uniquingKeysWith: { first, _ in first })
    }

    public convenience init(_ graph: ResourceGraph) {
        self.init(modules: graph.modules, declarations: graph.declarations)
    }

    /// - Parameter address: as seen from the stack, without a key.
    public func declaration(at address: ResourceAddress) -> Int? { indexByAddress[address] }

    /// The declaration that a reference in a module names itself.
    public func declaration(_ found: FoundReference, in module: Int) -> Int? {
        guard case .resource(let address) = found.reference else { return nil }
        return indexByAddress[address.inside(modules[module].path)]
    }

    /// The references to resources that stand in an expression itself.
    public func direct(_ expression: ValueExpression) -> [FoundReference] {
        expression.references.filter { if case .resource = $0.reference { true } else { false } }
    }

    /// The declarations behind the names that an expression in a module uses.
    public func declarations(behindNamesIn expression: ValueExpression, in module: Int) -> [Int] {
        expression.references.flatMap { declarations(behind: $0, in: module) }
    }

    /// The declarations behind a name; none for a reference to a resource itself.
    public func declarations(behind found: FoundReference, in module: Int) -> [Int] {
        modules.names(found, in: module).flatMap(declarations(behind:))
    }

    /// All declarations that an expression in a module names, itself or through names.
    public func declarations(namedIn expression: ValueExpression, in module: Int) -> Set<Int> {
        var all: Set<Int> = []
        for found in expression.references {
            if let declaration = declaration(found, in: module) { all.insert(declaration) }
            all.formUnion(declarations(behind: found, in: module))
        }
        return all
    }

    public func namesResources(_ expression: ValueExpression, in module: Int) -> Bool {
        !direct(expression).isEmpty || !declarations(behindNamesIn: expression, in: module).isEmpty
    }

    // MARK: - Following names

    private struct Frame {
        let name: ModuleName
        let own: [Int]
        let inner: [ModuleName]
        var next = 0
    }

    /// Each name is visited once, with a stack of its own; a circle, which is reported elsewhere, is cut where it closes.
    private func declarations(behind name: ModuleName) -> [Int] {
        if let known = behind[name] { return known }
        var open: Set<ModuleName> = [name]
        var path = [frame(name)]
        while let top = path.last {
            if top.next < top.inner.count {
                path[path.count - 1].next += 1
                let next = top.inner[top.next]
                if behind[next] == nil, open.insert(next).inserted { path.append(frame(next)) }
                continue
            }
            path.removeLast()
            var seen: Set<Int> = []
            let all = top.own + top.inner.flatMap { behind[$0] ?? [] }
            behind[top.name] = all.filter { seen.insert($0).inserted }
        }
        return behind[name] ?? []
    }

    private func frame(_ name: ModuleName) -> Frame {
        guard let definition = modules.definition(of: name) else { return Frame(name: name, own: [], inner: []) }
        var own: [Int] = []
        var inner: [ModuleName] = []
        for found in definition.expression.references {
            if let declaration = declaration(found, in: definition.module) { own.append(declaration) }
            inner += modules.names(found, in: definition.module)
        }
        return Frame(name: name, own: own, inner: inner)
    }
}
