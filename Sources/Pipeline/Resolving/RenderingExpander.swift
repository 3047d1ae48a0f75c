internal import Expressions
internal import PlumbModel
internal import ProviderAPI

/// Lets a provider make the manifests that an entry of `manifests:` stands for.
struct RenderingExpander {
    let scopes: ModuleScopes
    let catalogue: ProviderCatalogue

    struct Expanded {
        var names: [(name: String, value: Value)] = []
        /// By name.
        var phases: [String: Int] = [:]
        /// By name: what each is made of.
        var origins: [String: String] = [:]
        var warnings = Diagnostics()
    }

    /// - Returns: nil where the settings are not known, because variables have no values.
    func expand(
        _ declaration: ResolvedResource, tool: String, scope: InstanceScope
    ) throws(Diagnostics) -> Expanded? {
        guard let place = declaration.meta.forEach else { return Expanded() }
        let settings = try Evaluator(scope: scope).evaluate(place)
        guard settings.isWhollyKnown else { return nil }
        let owner = catalogue.entries.first { $0.name == declaration.provider }?.instance
        if let owner, !owner.answers {
            throw Diagnostics(
                .error(
                    "Not rendered for a stranger",
                    "Nobody vouches for whoever has written these specs, and `\(tool)` is a program that would work on what "
                        + "they say. A maintainer has to plan this stack.", address: declaration.address,
                    at: declaration.range))
        }
        guard let renderer = owner as? any ManifestRendering else {
            throw Diagnostics(
                .error(
                    "Nothing renders manifests",
                    "The provider \"\(declaration.provider)\" makes no manifests of `\(tool)`.",
                    address: declaration.address, at: declaration.range))
        }
        guard let files = scopes.files else { return nil }
        let address = declaration.address.description
        let request = RenderingRequest(
            tool: tool, name: declaration.address.name, settings: settings.deeplyUnmarked, place: place,
            files: files, folder: scopes.modules[declaration.module].content.folder,
            known: files.rendered(address))
        // What a tool or a template says of a failure may repeat what it was given.
        KnownSecrets.note(settings)
        let rendered: RenderedManifests
        do throws(Diagnostics) {
            rendered = try renderer.render(request)
        } catch {
            throw error.redacted
        }
        files.keep(rendered: rendered.text, for: address)
        return try expanded(rendered, settings, declaration)
    }

    private func expanded(
        _ rendered: RenderedManifests, _ settings: Value, _ declaration: ResolvedResource
    ) throws(Diagnostics) -> Expanded {
        let secrets = settings.sensitiveTexts
        var expanded = Expanded()
        expanded.warnings = rendered.warnings.redacted
        var problems = Diagnostics()
        for manifest in rendered.manifests {
            func report(_ summary: String, _ detail: String) {
                problems.append(.error(summary, detail, address: declaration.address, at: declaration.range))
            }
            if secrets.contains(where: manifest.key.contains) {
                report(
                    "Sensitive name",
                    "The name of a rendered object holds a sensitive value, which would show in its address. Use "
                        + "`nonsensitive(…)` if it may.")
                continue
            }
            guard expanded.phases[manifest.key] == nil else {
                let first = expanded.origins[manifest.key] ?? ""
                let places = first == manifest.origin ? first : "\(first) and \(manifest.origin)"
                report(
                    "Declared twice", "\(manifest.key) is rendered twice, from \(places). Remove or rename one of them."
                )
                continue
            }
            let spec = declaration.schema.markingSecretParts(["manifest": manifest.value.marking(secrets)])
            expanded.names.append((manifest.key, spec[key: "manifest"] ?? .null))
            expanded.phases[manifest.key] = manifest.phase
            expanded.origins[manifest.key] = manifest.origin
        }
        try problems.throwIfErrors()
        return expanded
    }

    /// Adds what hooks wait for, and what waits for hooks, to the nodes of one declaration.
    ///
    /// What a hook itself needs (its account, its namespace) does not wait for it.
    static func order(
        _ instances: Range<Int>, phases: [Int: Int], _ nodes: inout [ResourceNode]
    ) {
        let numbers = Set(phases.values).sorted()
        for (position, phase) in numbers.enumerated().dropLast() {
            let first = instances.filter { phases[$0] == phase }
            let needed = reachable(from: first, nodes)
            let later = Set(numbers[(position + 1)...])
            // What lies behind the objects themselves waits for them; so it need not name what they wait for.
            for index in instances where phases[index].map(later.contains) == true && !needed.contains(index) {
                let node = nodes[index]
                nodes[index] = ResourceNode(
                    declaration: node.declaration, key: node.key, eachValue: node.eachValue, provider: node.provider,
                    dependencies: Set(node.dependencies + first).sorted())
            }
        }
    }

    private static func reachable(from start: [Int], _ nodes: [ResourceNode]) -> Set<Int> {
        var found = Set(start)
        var pending = start
        while let next = pending.popLast() {
            for dependency in nodes[next].dependencies where found.insert(dependency).inserted {
                pending.append(dependency)
            }
        }
        return found
    }
}

extension Diagnostics {
    /// Without the secrets that providers were given.
    fileprivate var redacted: Diagnostics {
        Diagnostics(
            all.map { diagnostic in
                var redacted = diagnostic
                redacted.detail = KnownSecrets.redact(diagnostic.detail)
                return redacted
            })
    }
}

extension Value {
    /// The texts in it that are sensitive, as far as they are long enough to be known again.
    fileprivate var sensitiveTexts: [String] { sensitiveTexts(false).filter { $0.utf8.count >= 4 } }

    private func sensitiveTexts(_ isInside: Bool) -> [String] {
        let isMarked = isInside || isSensitive
        switch kind {
        case .string(let text): return isMarked ? [text] : []
        case .number(let number): return isMarked ? [number.description] : []
        case .list(let elements, _): return elements.flatMap { $0.sensitiveTexts(isMarked) }
        case .map(let map, _): return map.values.flatMap { $0.sensitiveTexts(isMarked) }
        default: return []
        }
    }

    /// With those of its texts marked that hold one of `secrets`.
    fileprivate func marking(_ secrets: [String]) -> Value {
        guard !secrets.isEmpty else { return self }
        switch kind {
        case .string(let text): return secrets.contains(where: text.contains) ? sensitive() : self
        case .list(let elements, let sequencing): return Value(.list(elements.map { $0.marking(secrets) }, sequencing))
        case .map(let map, let mapping): return Value(.map(map.mapValues { $0.marking(secrets) }, mapping))
        default: return self
        }
    }
}
