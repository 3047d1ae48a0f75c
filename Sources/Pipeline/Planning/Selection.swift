internal import Expressions
internal import PlumbModel

/// Which instances a plan with `--target` and `--exclude` is about.
///
/// A target brings along all that it waits for; an exclusion takes along all that waits for it.
struct Selection {
    private let nodes: [Bool]
    private let declarations: [Bool]
    /// Declarations expanded while planning of which targets name single instances.
    private let partialDeclarations: Set<Int>
    private let options: PlanOptions
    private let isEverything: Bool

    init(_ graph: ResourceGraph, _ options: PlanOptions) {
        self.options = options
        isEverything = options.targets.isEmpty && options.excludes.isEmpty
        guard !isEverything else {
            nodes = []
            declarations = []
            partialDeclarations = []
            return
        }
        var excludedNodes = [Bool](repeating: false, count: graph.nodes.count)
        var excludedDeclarations = [Bool](repeating: false, count: graph.declarations.count)
        var wantedNodes = [Bool](repeating: options.targets.isEmpty, count: graph.nodes.count)
        var partial: Set<Int> = []
        var wantedDeclarations = [Bool](repeating: options.targets.isEmpty, count: graph.declarations.count)
        let instances = graph.declarations.map(\.instances)
        func isExcluded(_ declaration: Int) -> Bool {
            excludedDeclarations[declaration] || instances[declaration].contains { excludedNodes[$0] }
        }
        for entry in graph.order {
            switch entry {
            case .node(let index):
                let node = graph.nodes[index]
                let declaration = graph.declarations[node.declaration]
                let address = declaration.address.instance(node.key)
                let file = declaration.range.file.path
                excludedNodes[index] =
                    options.excludes.contains { $0.matches(address, file: file) }
                    || node.dependencies.contains { excludedNodes[$0] }
                    || declaration.dependencies.contains(where: isExcluded)
                if options.targets.contains(where: { $0.matches(address, file: file) }) { wantedNodes[index] = true }
            case .deferred(let index):
                let declaration = graph.declarations[index]
                let file = declaration.range.file.path
                excludedDeclarations[index] =
                    options.excludes.contains { $0.matches(declaration.address, file: file) }
                    || declaration.dependencies.contains(where: isExcluded)
                if options.targets.contains(where: { $0.matches(declaration.address, file: file) }) {
                    wantedDeclarations[index] = true
                } else if options.targets.contains(where: { $0.namesInstance(of: declaration.address) }) {
                    wantedDeclarations[index] = true
                    partial.insert(index)
                }
            }
        }
        for entry in graph.order.reversed() {
            let needed: (nodes: [Int], declarations: [Int])
            switch entry {
            case .node(let index) where wantedNodes[index]:
                let node = graph.nodes[index]
                needed = (node.dependencies, graph.declarations[node.declaration].dependencies)
            case .deferred(let index) where wantedDeclarations[index]:
                needed = ([], graph.declarations[index].dependencies)
            default: continue
            }
            for node in needed.nodes { wantedNodes[node] = true }
            for declaration in needed.declarations {
                partial.remove(declaration)
                wantedDeclarations[declaration] = true
                for node in instances[declaration] { wantedNodes[node] = true }
            }
        }
        partialDeclarations = partial
        nodes = zip(wantedNodes, excludedNodes).map { $0 && !$1 }
        declarations = zip(wantedDeclarations, excludedDeclarations).map { $0 && !$1 }
    }

    func includes(node: Int) -> Bool { isEverything || nodes[node] }

    /// For an instance of a declaration that is expanded while planning.
    func includes(late address: ResourceAddress, of declaration: Int, file: String) -> Bool {
        guard includes(declaration: declaration) else { return false }
        if options.excludes.contains(where: { $0.matches(address, file: file) }) { return false }
        return !partialDeclarations.contains(declaration)
            || options.targets.contains { $0.matches(address, file: file) }
    }

    func includes(declaration: Int) -> Bool { isEverything || declarations[declaration] }

    /// For what is recorded and no longer declared.
    func includes(undeclared address: ResourceAddress) -> Bool {
        if isEverything { return true }
        if options.excludes.contains(where: { $0.matches(address, file: nil) }) { return false }
        return options.targets.isEmpty || options.targets.contains { $0.matches(address, file: nil) }
    }
}
