internal import PlumbModel

/// A named value of the stack or of one module instance: what `var.`, `local.` or `module.….` reach.
public struct ModuleName: Hashable, Sendable {
    public enum Kind: Hashable, Sendable { case variable, local, output }

    public let kind: Kind
    /// Index into `ResourceGraph.modules`.
    public let module: Int
    public let name: String

    public init(_ kind: Kind, _ name: String, in module: Int) {
        self.kind = kind
        self.module = module
        self.name = name
    }
}

/// An expression with where its names are looked up.
struct PlacedExpression {
    let expression: ValueExpression
    let module: Int
    let key: InstanceKey?
    let eachValue: Value?
}

extension [ModuleInstance] {
    /// What a name stands for; nil for a variable that takes its default or a given value, and for what nobody declares.
    func definition(of name: ModuleName) -> PlacedExpression? {
        let instance = self[name.module]
        switch name.kind {
        case .local:
            return instance.content.locals[name.name].map {
                PlacedExpression(expression: $0, module: name.module, key: nil, eachValue: nil)
            }
        case .output:
            return instance.content.output(name.name).map {
                PlacedExpression(expression: $0.value, module: name.module, key: nil, eachValue: nil)
            }
        case .variable:
            guard let caller = instance.caller, let call = self[caller].content.call(instance.callName),
                let input = call.inputs[name.name]
            else { return nil }
            return PlacedExpression(
                expression: input, module: caller, key: instance.key, eachValue: instance.eachValue)
        }
    }

    /// The names that a reference in a module stands for; none for one of a resource. Of a module that is not expanded
    /// yet, there are none.
    func names(_ found: FoundReference, in module: Int) -> [ModuleName] {
        switch found.reference {
        case .variable(let name): return self[module].caller == nil ? [] : [ModuleName(.variable, name, in: module)]
        case .local(let name): return [ModuleName(.local, name, in: module)]
        case .module(let call):
            guard let children = self[module].children[call] else { return [] }
            let meant = found.key.map { key in children[key].map { [$0] } ?? [] } ?? children.instances.map(\.module)
            return meant.flatMap { child in
                (found.output.map { [$0] } ?? self[child].content.outputs.map(\.name)).map {
                    ModuleName(.output, $0, in: child)
                }
            }
        default: return []
        }
    }

    /// As people write it: `module.net.output.id`, `local.name`.
    func text(_ name: ModuleName) -> String {
        let path = self[name.module].path.addressText
        let word =
            switch name.kind {
            case .variable: "var."
            case .local: "local."
            case .output: path.isEmpty ? "output." : ""
            }
        return (path.isEmpty ? "" : path + ".") + word + name.name
    }
}

extension ModuleInstance {
    var callName: String { path.last?.name ?? "" }
}
