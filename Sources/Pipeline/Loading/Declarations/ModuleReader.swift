import PlumbModel

/// Reads the entries of `modules:`.
enum ModuleReader {
    private static let keys = [
        "source", "for_each", "count", "enabled", "depends_on", "providers", "inputs",
    ]

    static func read(_ entry: SpecificationNode.Entry, _ problems: inout Diagnostics) -> ModuleDeclaration? {
        problems.collect { () throws(Diagnostics) in try Identifier.check(entry.key, "module", at: entry.keyRange) }
        let mapping = problems.collect { () throws(Diagnostics) in
            try MappingReader(entry.value, "a module", example: "`{source: ./network}`")
        }
        guard let mapping else { return nil }
        mapping.refuseUnknown(keys, of: "A module", &problems) { key in
            key == "version"
                ? "A module's version is part of its source: `git::https://…//folder?ref=v1.2.0`."
                : "Values of the module's variables belong under `inputs:`."
        }
        refuseTwoRepetitions(mapping, &problems)
        guard let source = source(of: entry, mapping, &problems) else { return nil }
        var module = ModuleDeclaration(
            name: entry.key, nameRange: entry.keyRange, source: source.text, sourceRange: source.range)
        module.forEach = mapping["for_each"]
        module.count = mapping["count"]
        module.enabled = mapping["enabled"]
        module.dependsOn = mapping["depends_on"]
        module.providers = mapping["providers"]
        module.inputs = inputs(mapping["inputs"], &problems)
        return module
    }

    private static func source(
        of entry: SpecificationNode.Entry, _ mapping: MappingReader, _ problems: inout Diagnostics
    ) -> (text: String, range: SourceRange)? {
        guard let node = mapping["source"] else {
            problems.append(
                .error(
                    "Missing key",
                    "The module \"\(entry.key)\" has no `source`. Write where its files are, such as "
                        + "`source: ./network` or `source: git::https://example.org/modules.git//network?ref=v1`.",
                    at: entry.keyRange))
            return nil
        }
        let text = problems.collect { () throws(Diagnostics) in try LiteralReader.text(node, "source") }
        guard let text = text ?? nil else { return nil }
        let isWritten = !text.contains("${")
        if isWritten,
            text.hasPrefix("git::") || text.hasPrefix("./") || text.hasPrefix("../") || text == "." || text == ".."
        {
            return (text, node.range)
        }
        let advice =
            !isWritten
            ? "It is read before any expression is evaluated, so that it must be written out."
            : text.hasPrefix("/")
                ? "A path is relative to the directory of the specs that call the module."
                : "A directory begins with `./` or `../`, a Git repository with `git::`."
                    + (text.contains("://") || text.contains("@")
                        ? " Did you mean \"git::\(text)\"?" : " Did you mean \"./\(text)\"?")
        problems.append(
            .error("Invalid module source", "\"\(text)\" is no source of a module. \(advice)", at: node.range.firstLine)
        )
        return nil
    }

    private static func inputs(
        _ node: SpecificationNode?, _ problems: inout Diagnostics
    ) -> [SpecificationNode.Entry] {
        guard let node, node.scalar?.value.isNull != true else { return [] }
        let mapping = problems.collect { () throws(Diagnostics) in
            try MappingReader(node, "`inputs`", example: "`{name: web}`")
        }
        return mapping?.entries ?? []
    }

    private static func refuseTwoRepetitions(_ mapping: MappingReader, _ problems: inout Diagnostics) {
        let repetitions = mapping.entries.filter { $0.key == "count" || $0.key == "for_each" }
        guard let first = repetitions.first, let second = repetitions.last, first.key != second.key else { return }
        problems.append(
            .error(
                "Two ways to repeat",
                "A module has either `for_each` or `count`: together, nobody could say what its instances are called. "
                    + "Remove one of them.", at: second.keyRange,
                notes: [Diagnostic.Note("`\(first.key)` stands here", at: first.keyRange)]))
    }
}
