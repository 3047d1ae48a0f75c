internal import Expressions
internal import PlumbModel

/// Refuses patterns of `--target`, `--exclude` and `--replace` that match nothing: a slip of the pen in an exclusion
/// would change what was to be left alone.
struct PatternCheck {
    let graph: ResourceGraph
    let records: [ResourceRecord]
    let options: PlanOptions

    func check() throws(Diagnostics) {
        var diagnostics = Diagnostics()
        for (name, patterns) in [
            ("--target", options.targets), ("--exclude", options.excludes), ("--replace", options.replaces),
        ] {
            for pattern in patterns where !matchesAnything(pattern) {
                let hint = Suggestion.didYouMean(pattern.description, among: candidates)
                diagnostics.append(
                    .error(
                        "Pattern matches nothing",
                        "`\(name) \(pattern)` matches no resource of the specs or the state.\(hint) `*` stands for any "
                            + "text, `file:GLOB` for all that is declared in a file; mind the shell's quotes."))
            }
        }
        try diagnostics.throwIfErrors()
    }

    private func matchesAnything(_ pattern: AddressPattern) -> Bool {
        graph.declarations.contains { declaration in
            let file = declaration.range.file.path
            return pattern.matches(declaration.address, file: file)
                || declaration.instances.contains {
                    pattern.matches(declaration.address.instance(graph.nodes[$0].key), file: file)
                }
        } || records.contains { pattern.matches($0.address, file: nil) }
    }

    private var candidates: Set<String> {
        Set(graph.declarations.map { $0.address.description } + records.map { $0.address.resource.description })
            .union(Set(graph.declarations.map { "file:\($0.range.file.path)" }))
    }
}
