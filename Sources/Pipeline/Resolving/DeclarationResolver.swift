internal import Expressions
internal import PlumbModel
internal import ProviderAPI

/// Parses one resource declaration: its type and provider, its expressions, and its meta keys.
struct DeclarationResolver {
    private let providers: ProviderSelection
    /// Of the module, without keys: for diagnostics.
    private let path: [ResourceAddress.ModuleStep]
    private(set) var diagnostics = Diagnostics()

    var catalogue: ProviderCatalogue { providers.catalogue }

    init(providers: ProviderSelection, path: [ResourceAddress.ModuleStep]) {
        self.providers = providers
        self.path = path
    }

    mutating func resolve(_ declaration: ResourceDeclaration) -> ResolvedResource? {
        if !declaration.manifests.isEmpty || declaration.rendering != nil { return resolve(manifestsOf: declaration) }
        let address = declaration.address
        let provider = provider(of: declaration)
        let spec = declaration.spec.map { parse($0, address) } ?? .constant(.null, declaration.range)
        let schema = provider.flatMap { catalogue.schema(of: address.type, address.mode, in: $0.name) }
        let meta = meta(of: declaration, schema)
        guard let provider, let schema else {
            return nil
        }
        return ResolvedResource(
            address: address, range: declaration.range, provider: provider.name, providerKey: provider.key,
            schema: schema, spec: spec,
            specNode: declaration.spec, meta: meta)
    }

    // MARK: - Type and provider

    /// A provider instance, or the instances that a `for_each` makes with the key of one of them.
    struct ChosenProvider {
        let name: String
        let key: ValueExpression?
    }

    mutating func provider(of declaration: ResourceDeclaration) -> ChosenProvider? {
        let address = declaration.address
        let owners = providers.owners(of: address.type, address.mode)
        guard !owners.isEmpty else {
            reportUnknownType(declaration)
            return nil
        }
        guard let node = declaration.provider else {
            if owners.count == 1 { return chosen(owners[0], nil, address, declaration.range) }
            report(
                "Ambiguous provider",
                "\(address.type) belongs to several provider instances: "
                    + "\(owners.joined(separator: ", ")). \(Self.choice(declaration, owners[0]))", address,
                declaration.range)
            return nil
        }
        guard let text = node.scalar?.value.asString else {
            report("Wrong type", "`provider` must be a name, but it is \(node.phrase).", address, node.range)
            return nil
        }
        let bracket = text.hasSuffix("]") ? text.firstIndex(of: "[") : nil
        if bracket == nil || catalogue.entries.contains(where: { $0.name == text }),
            let owner = providers.owner(named: text, among: owners)
        {
            return chosen(owner, nil, address, node.range)
        }
        if let bracket, let owner = providers.owner(named: String(text[..<bracket]), among: owners) {
            let inner = text[text.index(after: bracket)...].dropLast()
            let key = diagnostics.collect { () throws(Diagnostics) in
                try ExpressionParser.parse(expression: SourceFile(path: node.range.file.path, text: String(inner)))
            }
            return key.flatMap { chosen(owner, .expression($0), address, node.range) }
        }
        report(
            "Unknown provider",
            "No provider instance named \"\(text)\" knows \(address.type)."
                + "\(Suggestion.didYouMean(text, among: owners)) These do: \(owners.joined(separator: ", ")).",
            address, node.range)
        return nil
    }

    private static func choice(_ declaration: ResourceDeclaration, _ example: String) -> String {
        let isPlain = declaration.manifests.first?.range.file.path == declaration.range.file.path
        guard isPlain else { return "Say which with `provider:`." }
        return "Move the file into a folder, and say which with an entry such as "
            + "`manifests: {web: {files: FOLDER, provider: \(example)}}`."
    }

    private mutating func chosen(
        _ name: String, _ key: ValueExpression?, _ address: ResourceAddress, _ range: SourceRange
    ) -> ChosenProvider? {
        if catalogue.isTemplate(name) == (key != nil) { return ChosenProvider(name: name, key: key) }
        report(
            "Ambiguous provider",
            key == nil
                ? "The provider \"\(name)\" has an instance for each key of its `for_each`: choose one, such as "
                    + "`provider: \(name)[each.key]`."
                : "The provider \"\(name)\" has no `for_each`: write `provider: \(name)`.", address, range)
        return nil
    }

    private mutating func reportUnknownType(_ declaration: ResourceDeclaration) {
        let address = declaration.address
        let kind = address.mode == .data ? "data type" : "resource type"
        let names = catalogue.typeNames(address.mode)
        let other: ResourceAddress.Mode = address.mode == .data ? .managed : .data
        var detail = "No configured provider has the \(kind) \"\(address.type)\"."
        if !catalogue.owners(of: address.type, other).isEmpty {
            detail +=
                address.mode == .data ? " It can be managed under `resources:`." : " It can be read under `data:`."
        } else {
            detail += Suggestion.didYouMean(address.type, among: names)
            detail +=
                " Types come from the providers in `stack.yaml`: "
                + catalogue.entries.map(\.name).joined(separator: ", ") + "."
        }
        report("Unknown type", detail, address, declaration.range)
    }

    // MARK: - Meta keys

    mutating func meta(
        of declaration: ResourceDeclaration, _ schema: Schema?
    ) -> ResolvedResource.Meta {
        let address = declaration.address
        var meta = ResolvedResource.Meta()
        meta.forEach = declaration.forEach.map { parse($0, address) }
        meta.count = declaration.count.map { parse($0, address) }
        meta.enabled = declaration.enabled.map { parse($0, address) }
        var targets = DependencyReader()
        meta.dependsOn = targets.read(declaration.dependsOn, address.inside(path))
        diagnostics.append(targets.diagnostics)
        let lifecycle = declaration.lifecycle
        meta.createBeforeDestroy = lifecycle.createBeforeDestroy.map { parse($0, address) }
        meta.preventDestroy = lifecycle.preventDestroy.map { parse($0, address) }
        meta.retain = lifecycle.retain.map { parse($0, address) }
        meta.replaceTriggeredBy = list(lifecycle.replaceTriggeredBy, "replace_triggered_by", address).map { node in
            trigger(node, address)
        }
        meta.preconditions = conditions(lifecycle.preconditions, "preconditions", address)
        meta.postconditions = conditions(lifecycle.postconditions, "postconditions", address)
        if let node = lifecycle.ignoreChanges {
            meta.ignoreChanges = IgnoredChangesReader(address: address, schema: schema).read(node, &diagnostics)
        }
        ready(declaration.ready, address, &meta)
        timeouts(declaration.timeouts, address, &meta)
        retry(declaration.retry, address, &meta)
        meta.drift = declaration.drift.flatMap {
            DriftRuleReader(address: address.inside(path), schema: schema).read($0, &diagnostics)
        }
        return meta
    }

    /// A trigger is an expression, or the bare address of a resource or of one of its attributes.
    private mutating func trigger(_ node: SpecificationNode, _ address: ResourceAddress) -> ValueExpression {
        guard let scalar = node.scalar, scalar.isString, !scalar.text.contains("${") else {
            return parse(node, address)
        }
        let result = diagnostics.collect { () throws(Diagnostics) in try ExpressionParser.parse(bare: node, scalar) }
        return result.map(ValueExpression.expression) ?? .constant(.null, node.range)
    }

    private mutating func ready(
        _ node: SpecificationNode?, _ address: ResourceAddress, _ meta: inout ResolvedResource.Meta
    ) {
        for entry in mapping(node, "ready", ["when", "timeout"], address) {
            if entry.key == "when" {
                meta.readyWhen = parse(entry.value, address)
            } else {
                meta.readyTimeout = duration(entry.value, address)
            }
        }
    }

    private mutating func timeouts(
        _ node: SpecificationNode?, _ address: ResourceAddress, _ meta: inout ResolvedResource.Meta
    ) {
        for entry in mapping(node, "timeouts", ["create", "update", "delete"], address) {
            let seconds = duration(entry.value, address)
            switch entry.key {
            case "create": meta.timeouts.create = seconds
            case "update": meta.timeouts.update = seconds
            default: meta.timeouts.delete = seconds
            }
        }
    }

    private mutating func retry(
        _ node: SpecificationNode?, _ address: ResourceAddress, _ meta: inout ResolvedResource.Meta
    ) {
        guard let node else { return }
        var retry = ResolvedResource.Retry()
        for entry in mapping(node, "retry", ["attempts", "pause"], address) {
            if entry.key == "pause" {
                retry.pause = duration(entry.value, address) ?? retry.pause
            } else if let attempts = entry.value.scalar?.value.asInt, (1...100).contains(attempts) {
                retry.attempts = attempts
            } else {
                report(
                    "Invalid number", "`attempts` is how often a call is made in all: a whole number from 1 to 100.",
                    address, entry.value.range)
            }
        }
        meta.retry = retry
    }

    private mutating func conditions(
        _ node: SpecificationNode?, _ key: String, _ address: ResourceAddress
    ) -> [ResolvedResource.Condition] {
        list(node, key, address).compactMap { item in
            guard let condition = item["condition"], let message = item["error"] else {
                report(
                    "Invalid condition", "Each of `\(key)` needs `condition` and `error`.", address, item.range)
                return nil
            }
            return ResolvedResource.Condition(
                condition: parse(condition, address), message: parse(message, address))
        }
    }

    // MARK: - Shapes

    mutating func parse(_ node: SpecificationNode, _ address: ResourceAddress) -> ValueExpression {
        let parsed = diagnostics.collect { () throws(Diagnostics) in try ExpressionParser.parse(node) }
        return parsed ?? .constant(.unknown(), node.range)
    }

    private mutating func list(
        _ node: SpecificationNode?, _ key: String, _ address: ResourceAddress
    ) -> [SpecificationNode] {
        guard let node else { return [] }
        if let items = node.sequence { return items }
        report("Wrong type", "`\(key)` must be a list, but it is \(node.phrase).", address, node.range)
        return []
    }

    private mutating func mapping(
        _ node: SpecificationNode?, _ key: String, _ allowed: [String], _ address: ResourceAddress
    ) -> [SpecificationNode.Entry] {
        guard let node else { return [] }
        guard let entries = node.mapping else {
            report("Wrong type", "`\(key)` must be a mapping, but it is \(node.phrase).", address, node.range)
            return []
        }
        for entry in entries where !allowed.contains(entry.key) {
            report(
                "Unknown key",
                "`\(key)` has no key \"\(entry.key)\".\(Suggestion.didYouMean(entry.key, among: allowed))"
                    + " It has: \(allowed.joined(separator: ", ")).", address, entry.keyRange)
        }
        return entries.filter { allowed.contains($0.key) }
    }

    private mutating func duration(_ node: SpecificationNode, _ address: ResourceAddress) -> Double? {
        let value = node.scalar?.value
        if let seconds = value?.asNumber?.asDouble, Duration.writableSeconds.contains(seconds) { return seconds }
        if let text = value?.asString, let seconds = Duration.seconds(parsing: text) { return seconds }
        report(
            "Invalid duration", "A duration is a number with a unit, such as `30s`, `5m`, `1h30m`.", address, node.range
        )
        return nil
    }

    mutating func report(
        _ summary: String, _ detail: String, _ address: ResourceAddress, _ range: SourceRange
    ) {
        diagnostics.append(.error(summary, detail, address: address.inside(path), at: range))
    }
}
