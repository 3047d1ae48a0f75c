internal import PlumbModel

/// Things with addresses, put into the modules in which they stand.
struct ModuleTree<Element> {
    /// Empty for the stack itself.
    let path: [ResourceAddress.ModuleStep]
    private(set) var elements: [Element] = []
    private(set) var children: [ModuleTree<Element>] = []

    /// - Parameter elements: in any order; each module keeps the order of addresses.
    init(_ elements: [Element], at address: (Element) -> ResourceAddress) {
        path = []
        let sorted = elements.map { (address($0), $0) }.sorted { $0.0 < $1.0 }
        for (address, element) in sorted { add(element, address.module[...]) }
    }

    private init(path: [ResourceAddress.ModuleStep]) { self.path = path }

    private mutating func add(_ element: Element, _ rest: ArraySlice<ResourceAddress.ModuleStep>) {
        guard let step = rest.first else { return elements.append(element) }
        // Sorted by address, so that a module's elements mostly come one after the other.
        let index = children.lastIndex { $0.path.last == step } ?? children.count
        if index == children.count { children.append(ModuleTree(path: path + [step])) }
        children[index].add(element, rest.dropFirst())
    }

    /// `module.a["x"].module.b`
    var address: String { path.addressText }

    /// As `resources`, `address` and `child_modules` of an object that has been begun.
    func write(to stream: inout JSONStream, _ body: (inout JSONStream, Element) -> Void) {
        if !elements.isEmpty { stream.array("resources", of: elements, body) }
        if !path.isEmpty { stream.member("address", address) }
        guard !children.isEmpty else { return }
        stream.array("child_modules", of: children) { stream, child in
            stream.object { child.write(to: &$0, body) }
        }
    }
}

extension JSONStream {
    /// The members that say which resource instance something is about.
    mutating func writeAddress(_ address: ResourceAddress, provider: String) {
        member("address", address.description)
        writeNames(address, provider: provider)
    }

    /// What follows the address itself, in a change.
    mutating func writeNames(_ address: ResourceAddress, provider: String, withModule: Bool = false) {
        if withModule, !address.module.isEmpty { member("module_address", address.module.addressText) }
        member("mode", address.mode.word)
        member("type", address.type)
        member("name", address.name)
        if let key = address.key { member("index", key.value) }
        member("provider_name", ProviderNames.full(provider))
    }
}

extension ResourceAddress.Mode {
    /// As plan documents have it.
    var word: String { self == .data ? "data" : "managed" }
}

/// How plan documents name providers.
enum ProviderNames {
    /// `plumbline/builtin/http` of the instance `http.dns`: host, namespace and type, as readers of the format expect.
    static func full(_ instance: String) -> String { "plumbline/builtin/\(type(instance))" }

    /// `http` of the instance `http.dns`.
    static func type(_ instance: String) -> String { String(instance.prefix { $0 != "." }) }
}
