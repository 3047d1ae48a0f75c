import PlumbModel

/// Reads the entries of the lists `moved:`, `removed:` and `import:`.
enum RefactoringReader {
    static let sections: Set<String> = ["moved", "removed", "import"]

    /// Reads a whole section into the specification.
    static func read(
        _ section: SpecificationNode.Entry, into specification: inout Specification, _ problems: inout Diagnostics
    ) {
        guard let entries = section.value.sequence else {
            problems.append(
                .error(
                    "Wrong kind of value",
                    "The section `\(section.key)` is a list, such as \(example(section.key)); here stands "
                        + "\(section.value.phrase).", at: section.value.range.firstLine))
            return
        }
        for entry in entries {
            switch section.key {
            case "moved":
                if let moved = moved(entry, &problems) { specification.moved.append(moved) }
            case "removed":
                if let removed = removed(entry, &problems) { specification.removed.append(removed) }
            default:
                if let imported = imported(entry, &problems) { specification.imports.append(imported) }
            }
        }
    }

    private static func example(_ section: String) -> String {
        switch section {
        case "moved": "`[{from: local_file.old, to: local_file.new}]`"
        case "removed": "`[{from: local_file.old, destroy: false}]`"
        default: "`[{to: local_file.motd, id: motd.txt}]`"
        }
    }

    // MARK: The three kinds

    private static func moved(_ node: SpecificationNode, _ problems: inout Diagnostics) -> MovedDeclaration? {
        guard let mapping = mapping(node, "moved", ["from", "to"], &problems) else { return nil }
        let from = address(mapping, "from", "`moved`", &problems)
        let to = address(mapping, "to", "`moved`", &problems)
        guard let from, let to else { return nil }
        return MovedDeclaration(from: from.address, fromRange: from.range, to: to.address, toRange: to.range)
    }

    private static func removed(_ node: SpecificationNode, _ problems: inout Diagnostics) -> RemovedDeclaration? {
        guard let mapping = mapping(node, "removed", ["from", "destroy", "lifecycle"], &problems) else { return nil }
        var destroy = mapping["destroy"]
        var preventDestroy: SpecificationNode?
        if let node = mapping["lifecycle"] {
            let lifecycle = problems.collect { () throws(Diagnostics) in
                try MappingReader(node, "`lifecycle`", example: "`{destroy: false}`")
            }
            lifecycle?.refuseUnknown(["destroy", "prevent_destroy"], of: "`lifecycle` of `removed`", &problems)
            if let inner = lifecycle?["destroy"], destroy != nil {
                problems.append(
                    .error(
                        "Given twice", "`destroy` stands beside `from` and in `lifecycle`. Remove one of them.",
                        at: inner.range.firstLine))
            }
            destroy = destroy ?? lifecycle?["destroy"]
            preventDestroy = lifecycle?["prevent_destroy"]
        }
        guard let from = address(mapping, "from", "`removed`", &problems) else { return nil }
        return RemovedDeclaration(
            from: from.address, range: from.range, destroy: destroy, preventDestroy: preventDestroy)
    }

    private static func imported(_ node: SpecificationNode, _ problems: inout Diagnostics) -> ImportDeclaration? {
        let known = ["to", "id", "for_each", "provider"]
        guard let mapping = mapping(node, "import", known, &problems) else { return nil }
        for key in ["to", "id"] where mapping[key] == nil { problems.append(missing(key, "`import`", node)) }
        guard let to = mapping["to"], let id = mapping["id"] else { return nil }
        return ImportDeclaration(to: to, id: id, forEach: mapping["for_each"], provider: mapping["provider"])
    }

    // MARK: Shapes

    private static func mapping(
        _ node: SpecificationNode, _ section: String, _ known: [String], _ problems: inout Diagnostics
    ) -> MappingReader? {
        let mapping = problems.collect { () throws(Diagnostics) in
            let example = String(example(section).dropFirst(2).dropLast(2))
            return try MappingReader(node, "an entry of `\(section)`", example: "`\(example)`")
        }
        mapping?.refuseUnknown(known, of: "An entry of `\(section)`", &problems)
        return mapping
    }

    private static func address(
        _ mapping: MappingReader, _ key: String, _ what: String, _ problems: inout Diagnostics
    ) -> (address: MovableAddress, range: SourceRange)? {
        guard let node = mapping[key] else {
            problems.append(missing(key, what, mapping.node))
            return nil
        }
        let text = node.scalar?.value.asString
        if let address = text.flatMap(MovableAddress.init(parsing:)) {
            if case .resource(let resource) = address, resource.mode == .data {
                problems.append(
                    .error(
                        "Data resource in the wrong place",
                        "\(text ?? "") is a data resource. It is only read and leaves nothing in the state, so that it "
                            + "can be renamed and removed without \(what).", at: node.range.firstLine))
                return nil
            }
            return (address, node.range)
        }
        var detail =
            "`\(key)` of \(what) is the address of a resource, of one of its instances, or of a module, such as "
            + "`local_file.a`, `local_file.a[\"x\"]`, `module.net`; here stands "
        detail += text.map { "\"\($0)\"." } ?? "\(node.phrase)."
        if text?.contains("${") == true { detail += " It is read as it is, without expressions." }
        problems.append(.error("Invalid address", detail, at: node.range.firstLine))
        return nil
    }

    private static func missing(_ key: String, _ what: String, _ node: SpecificationNode) -> Diagnostic {
        .error(
            "Missing key",
            "An entry of \(what) has no `\(key)`. Write, for example, "
                + "\(example(String(what.dropFirst().dropLast()))).", at: node.range.firstLine)
    }
}
