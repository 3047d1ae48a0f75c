internal import Expressions
internal import PlumbModel

/// What a person asks to have explained: something that has a name, and a way into its value.
struct ExplanationTarget {
    enum Subject {
        case variable(String, in: [ResourceAddress.ModuleStep])
        case local(String, in: [ResourceAddress.ModuleStep])
        case output(String, in: [ResourceAddress.ModuleStep])
        /// The call of a module, or one instance of it.
        case module([ResourceAddress.ModuleStep])
        case resource(ResourceAddress)
    }

    let subject: Subject
    let path: AttributePath

    /// Reads `local_file.config["web"].filename`, `var.services.web`, `output.url`. A key of a resource stands in the
    /// path: only the graph knows whether it is one.
    init(parsing text: String) throws(Diagnostics) {
        let expression: Expression
        do throws(Diagnostics) {
            expression = try ExpressionParser.parse(expression: SourceFile(path: "ADDRESS", text: text))
        } catch {
            throw Self.invalid(text)
        }
        guard let root = expression.root, let steps = expression.steps else { throw Self.invalid(text) }
        if case .module = root {
            guard let found = Self.subject(inModuleOf: expression) else { throw Self.invalid(text) }
            subject = found.subject
            path = AttributePath(found.rest)
            return
        }
        path = steps
        switch root {
        case .variable(let name): subject = .variable(name, in: [])
        case .local(let name): subject = .local(name, in: [])
        case .resource(let address) where address.type == "output" && address.mode == .managed:
            subject = .output(address.name, in: [])
        case .resource(let address): subject = .resource(address)
        default: throw Self.invalid(text)
        }
    }

    /// Reads `module.net["eu"].local_file.motd.content`: the modules, then what is in the last of them, then the way
    /// into it. One name alone is an output.
    private static func subject(
        inModuleOf expression: Expression
    ) -> (subject: Subject, rest: [AttributePath.Step])? {
        var links: [Link] = []
        var current = expression
        while let link = Link(current) {
            links.append(link)
            current = link.operand
        }
        guard case .reference(.module(let first)) = current.kind else { return nil }
        var rest = links.reversed()[...]
        var module: [ResourceAddress.ModuleStep] = []
        var next: String? = first
        while let name = next {
            let key = rest.first?.key
            if key != nil { rest = rest.dropFirst() }
            module.append(.init(name, key: key))
            next = nil
            if rest.first?.word == "module", let inner = rest.dropFirst().first?.word {
                next = inner
                rest = rest.dropFirst(2)
            }
        }
        guard let kind = rest.first else { return (.module(module), []) }
        guard let name = rest.dropFirst().first?.word, let word = kind.word else {
            return kind.word.map { (.output($0, in: module), rest.dropFirst().map(\.step)) }
        }
        let behind = rest.dropFirst(2).map(\.step)
        switch word {
        case "var": return (.variable(name, in: module), behind)
        case "local": return (.local(name, in: module), behind)
        case "output": return (.output(name, in: module), behind)
        default: break
        }
        let mode: ResourceAddress.Mode = rest.first?.word == "data" ? .data : .managed
        if mode == .data { rest = rest.dropFirst() }
        guard let type = rest.first?.word, let name = rest.dropFirst().first?.word else { return nil }
        return (.resource(ResourceAddress(type, name, mode: mode, module: module)), rest.dropFirst(2).map(\.step))
    }

    /// One step of a traversal, which tells `.a` from `["a"]`.
    private struct Link {
        let operand: Expression
        let word: String?
        let key: InstanceKey?

        init?(_ expression: Expression) {
            switch expression.kind {
            case .attribute(let operand, let name):
                self.operand = operand
                word = name
                key = nil
            case .index(let operand, let index):
                guard case .literal(let value) = index.kind else { return nil }
                guard let key = value.asString.map(InstanceKey.name) ?? value.asInt.map(InstanceKey.index) else {
                    return nil
                }
                self.operand = operand
                word = nil
                self.key = key
            default: return nil
            }
        }

        var step: AttributePath.Step {
            switch key {
            case .name(let name): .key(name)
            case .index(let index): .index(index)
            case nil: .key(word ?? "")
            }
        }
    }

    private static func invalid(_ text: String) -> Diagnostics {
        Diagnostics(
            .error(
                "Invalid address",
                "\"\(text)\" names nothing that can be explained. Give a resource, an attribute, a variable, a local, an "
                    + "output or a module: `local_file.motd`, `'local_file.config[\"web\"].filename'`, `var.region`, "
                    + "`local.prefix`, `output.url`, `module.net`; mind the shell's quotes."))
    }
}
