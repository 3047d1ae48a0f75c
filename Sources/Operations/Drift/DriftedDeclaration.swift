internal import PlumbModel

/// What has drifted at a resource, and at the other instances of its declaration.
struct InstanceDrift {
    /// What is to be accepted or ignored.
    let chosen: [DriftFinder.Found]
    /// With the same places of the other instances.
    let all: [DriftFinder.Found]
    /// All instances that are recorded, where there may be several.
    private let instances: [ResourceAddress]

    init(_ chosen: [DriftFinder.Found], among found: [DriftFinder.Found], recorded: [ResourceAddress]) {
        self.chosen = chosen
        let own = chosen.first?.address
        instances = own?.key == nil ? [] : recorded.filter { $0.resource == own?.resource }
        all =
            chosen
            + found.filter { one in
                one.address != own && one.address.resource == own?.resource
                    && chosen.contains { $0.path == one.path && $0.live.isSame(as: one.live) }
            }
    }

    /// Refuses what all instances of a declaration would get, unless it is live at all of them.
    func throwIfOthersDiffer(_ one: DriftFinder.Found) throws(SpecEdit.Refusal) {
        let same = Set(all.filter { $0.path == one.path }.map(\.address))
        guard let key = one.address.key, !instances.allSatisfy(same.contains) else { return }
        let (meta, part) = if case .index = key { ("count", "count.index") } else { ("for_each", "each.key") }
        throw SpecEdit.Refusal(
            "its instances come from `\(meta)`, all of them would get the value, and only \(same.count) of \(instances.count) "
                + "have it. Make it differ by `\(part)`, and let it be \(one.live.json) here")
    }
}

/// The declaration of a resource that has drifted, as its file has it.
struct DriftedDeclaration {
    /// Of its key.
    let range: SourceRange
    /// What stands under the key; nil where it is not of this file.
    let body: SpecificationNode?

    init?(of address: ResourceAddress, _ session: StackSession) {
        guard let index = session.graph.declaration(at: address.resource) else { return nil }
        let range = session.graph.declarations[index].range
        self.range = range
        body = session.specification.resources.first { $0.range == range }?.body
    }

    /// Writes what is live into the specs.
    func accept(_ found: [DriftFinder.Found], _ edit: inout SpecEdit) throws(SpecEdit.Refusal) {
        var (old, new) = (Value.object([:]), Value.object([:]))
        for one in found {
            if one.path.steps.isEmpty {
                throw SpecEdit.Refusal("the resource is gone: take its declaration out of the specs instead")
            }
            if one.live.containsSensitive || one.expected.containsSensitive {
                throw SpecEdit.Refusal("the value is secret, and is not written into a file in clear")
            }
            old = old.placing(one.expected, at: one.path.steps[...])
            new = new.placing(one.live, at: one.path.steps[...])
        }
        guard let body, let spec = body.mapping?.first(where: { $0.key == "spec" }) else {
            throw SpecEdit.Refusal("the specs write no `spec` for it. Write it by hand: \(new.json)")
        }
        try edit.throwIfShared(body, behind: range.end, until: edit.file.bytes.count)
        let isOwn = spec.keyRange.start >= body.range.start && spec.keyRange.end <= body.range.end
        let place = SpecEdit.Place(
            gap: isOwn ? edit.behindColon(spec) : edit.file.bytes.count, end: body.range.end,
            column: edit.column(spec.keyRange.start), isInFlow: edit.isFlow(body))
        guard spec.value.mapping != nil || spec.value.scalar?.hasExpression == true else {
            throw SpecEdit.Refusal("its `spec` is no mapping. Write it by hand: \(new.json)")
        }
        try edit.change(spec.value, at: place, from: old, to: new)
    }

    /// Whether two readings of the specs differ in nothing but these places of the resource.
    func isAlone(in before: Specification, _ after: Specification, _ paths: [AttributePath]) -> Bool {
        guard before.resources.count == after.resources.count else { return false }
        let roots = Set(paths.compactMap(\.steps.first))
        return zip(before.resources, after.resources).allSatisfy { old, new in
            guard old.range == range else {
                return (old.body?.plainValue ?? .null).isSame(as: new.body?.plainValue ?? .null)
            }
            return (old.body?.mapping ?? []).filter { $0.key != "lifecycle" }.allSatisfy { entry in
                guard let now = new.body?[entry.key] else { return false }
                if entry.key != "spec" { return entry.value.plainValue.isSame(as: now.plainValue) }
                let keys = (entry.value.mapping ?? []) + (now.mapping ?? [])
                return keys.filter { !roots.contains(.key($0.key)) }.allSatisfy { attribute in
                    guard let old = entry.value[attribute.key], let new = now[attribute.key] else { return false }
                    return old.plainValue.isSame(as: new.plainValue)
                }
            }
        }
    }
}

extension Value {
    /// The same with a value at a place, and with the maps that lead there.
    fileprivate func placing(_ value: Value, at steps: ArraySlice<AttributePath.Step>) -> Value {
        guard case .key(let key)? = steps.first else { return value }
        var map = asMap ?? [:]
        map[key] = (map[key] ?? .object([:])).placing(value, at: steps.dropFirst())
        return .object(map)
    }
}
