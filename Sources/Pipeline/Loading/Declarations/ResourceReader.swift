import PlumbModel

/// Reads the entries of `resources:` and `data:`: the address and the meta keys, nothing of the type's attributes.
struct ResourceReader {
    static let keys = [
        "provider", "for_each", "count", "enabled", "depends_on", "spec", "ready", "lifecycle", "drift", "timeouts",
        "retry",
    ]
    /// What only resources that are created, changed and destroyed can have.
    private static let keysOfChanges = ["ready", "drift", "timeouts", "retry"]
    private static let lifecycleKeys = [
        "create_before_destroy", "prevent_destroy", "ignore_changes", "replace_triggered_by", "retain",
        "preconditions", "postconditions",
    ]

    let mode: ResourceAddress.Mode

    private var section: String { mode == .data ? "data" : "resources" }
    private var phrase: String { mode == .data ? "a data resource" : "a resource" }

    func read(_ entry: SpecificationNode.Entry, _ problems: inout Diagnostics) -> ResourceDeclaration? {
        let address = problems.collect { () throws(Diagnostics) in try self.address(entry) }
        // A resource without attributes may be its key alone.
        let isEmpty = entry.value.scalar?.value.isNull ?? false
        let body = isEmpty ? SpecificationNode(.mapping([]), at: entry.value.range) : entry.value
        let mapping = problems.collect { () throws(Diagnostics) in
            try MappingReader(body, phrase, example: "`{spec: {name: web}}`")
        }
        guard let mapping else { return nil }
        checkKeys(mapping, &problems)
        var resource = ResourceDeclaration(
            address: address ?? ResourceAddress("invalid", "invalid", mode: mode), range: entry.keyRange)
        if !isEmpty { resource.body = body }
        resource.provider = mapping["provider"]
        resource.forEach = mapping["for_each"]
        resource.count = mapping["count"]
        resource.enabled = mapping["enabled"]
        resource.dependsOn = mapping["depends_on"]
        resource.spec = mapping["spec"]
        resource.ready = mapping["ready"]
        resource.drift = mapping["drift"]
        resource.timeouts = mapping["timeouts"]
        resource.retry = mapping["retry"]
        if let lifecycle = mapping["lifecycle"] { resource.lifecycle = readLifecycle(lifecycle, &problems) }
        return address == nil ? nil : resource
    }

    private func checkKeys(_ mapping: MappingReader, _ problems: inout Diagnostics) {
        let subject = mode == .data ? "A data resource" : "A resource"
        let allowed = mode == .data ? Self.keys.filter { !Self.keysOfChanges.contains($0) } : Self.keys
        mapping.refuseUnknown(allowed, of: subject, &problems) { key in
            if key == "drift" { return "It is only read, so that nothing can drift. Remove the key." }
            return Self.keysOfChanges.contains(key)
                ? "It is only read, never created, changed or destroyed. Remove the key."
                : "Attributes of the type belong under `spec:`."
        }
        guard let second = mapping.entries.last(where: { $0.key == "count" || $0.key == "for_each" }),
            let first = mapping.entries.first(where: { $0.key == "count" || $0.key == "for_each" }),
            first.key != second.key
        else { return }
        problems.append(
            .error(
                "Two ways to repeat",
                "\(subject) has either `for_each` or `count`: together, nobody could say what its instances are called. "
                    + "Remove one of them.", at: second.keyRange,
                notes: [Diagnostic.Note("`\(first.key)` stands here", at: first.keyRange)]))
    }

    private func readLifecycle(
        _ node: SpecificationNode, _ problems: inout Diagnostics
    ) -> ResourceDeclaration.Lifecycle {
        var lifecycle = ResourceDeclaration.Lifecycle()
        let mapping = problems.collect { () throws(Diagnostics) in
            try MappingReader(node, "`lifecycle`", example: "`{prevent_destroy: true}`")
        }
        guard let mapping else { return lifecycle }
        let conditions = ["preconditions", "postconditions"]
        let allowed = mode == .data ? conditions : Self.lifecycleKeys
        mapping.refuseUnknown(allowed, of: mode == .data ? "`lifecycle` of a data resource" : "`lifecycle`", &problems)
        {
            Self.lifecycleKeys.contains($0)
                ? "A data resource is only read, never created, changed or destroyed. Remove the key." : nil
        }
        lifecycle.createBeforeDestroy = mapping["create_before_destroy"]
        lifecycle.preventDestroy = mapping["prevent_destroy"]
        lifecycle.ignoreChanges = mapping["ignore_changes"]
        lifecycle.replaceTriggeredBy = mapping["replace_triggered_by"]
        lifecycle.retain = mapping["retain"]
        lifecycle.preconditions = mapping["preconditions"]
        lifecycle.postconditions = mapping["postconditions"]
        return lifecycle
    }

    // MARK: The address

    private func address(_ entry: SpecificationNode.Entry) throws(Diagnostics) -> ResourceAddress {
        let parts = entry.key.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false).map {
            String(Substring($0))
        }
        guard parts.count == 2, Identifier.isValid(parts[0]), Identifier.isValid(parts[1]) else {
            throw Diagnostics(.error("Invalid resource address", explain(entry.key, parts), at: entry.keyRange))
        }
        guard !Identifier.roots.contains(parts[0]) else {
            throw Diagnostics(
                .error(
                    "Invalid resource address",
                    "\"\(entry.key)\" cannot be told from a reference: \"\(parts[0]).\" begins "
                        + "\(parts[0] == "data" ? "the address of a data resource" : "a reference to something else"). "
                        + (parts[0] == "data"
                            ? "Write data resources in the section `data:`, as `type.name`."
                            : "Give a resource type before the dot."),
                    at: entry.keyRange))
        }
        return ResourceAddress(parts[0], parts[1], mode: mode)
    }

    private func explain(_ key: String, _ parts: [String]) -> String {
        if parts.count == 1, Identifier.isValid(key) {
            return "\"\(key)\" has no dot. The key of \(phrase) is its type and its name: `type.name`, such as "
                + "`\(key).main`."
        }
        if key.contains("[") {
            return "\"\(key)\" has an index. The key is `type.name` alone; instances come from `for_each` or `count`."
        }
        if mode == .managed, parts.count == 3, parts[0] == "data" {
            return "\"\(key)\" is a data resource. Write it in the section `data:`, as `\(parts[1]).\(parts[2])`."
        }
        if parts.count > 2 {
            return "\"\(key)\" has \(parts.count - 1) dots. The key of \(phrase) is `type.name`, with one dot."
        }
        return "\"\(key)\" is no address. The key of \(phrase) is `type.name`; each part \(Identifier.rule)."
    }
}
