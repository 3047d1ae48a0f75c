import PlumbModel

/// Takes over what kubectl's older commands own in an object, as `kubectl apply --server-side` does when it takes over from
/// `kubectl apply`: otherwise they would own it for ever, and a field that leaves the manifest would stay in the object.
struct OwnershipTransfer {
    /// Managers that write for a person, and not for a program that goes on writing.
    private static let people: Set<String> = [
        "before-first-apply", "kubectl", "kubectl-client-side-apply", "kubectl-create", "kubectl-edit",
        "kubectl-expose",
        "kubectl-patch", "kubectl-replace", "kubectl-run",
    ]
    /// What belongs to a cluster's own components, which go on writing it.
    static let components: Set<String> = [
        "cloud-controller-manager", "kube-apiserver", "kube-controller-manager", "kube-scheduler", "kubelet",
    ]
    /// A copy of what was applied last, which no server-side apply needs.
    static let lastApplied = "kubectl.kubernetes.io/last-applied-configuration"

    static func isPersons(_ manager: FieldManager) -> Bool {
        manager.operation == "Update" && manager.subresource.isEmpty && people.contains(manager.name)
    }

    /// Who has written an object that is imported; empty where Plumbline has applied it.
    static func strangers(in stored: Value) -> [String] {
        let managers = FieldManager.all(of: stored)
        guard !managers.contains(where: \.isOwn) else { return [] }
        return Set(managers.filter { $0.subresource.isEmpty }.map(\.name)).sorted()
    }

    /// Whether a person's tool owns a field of a manifest, alone or together with Plumbline.
    static func isShared(_ stored: Value, _ manifest: Value) -> Bool {
        FieldManager.all(of: stored).contains { isPersons($0) && $0.fields.touches(manifest) }
    }

    // MARK: - managedFields as they are to be

    /// All that persons' tools own becomes Plumbline's; nil where they own nothing.
    static func taking(_ stored: Value) -> Value? {
        let entries = entries(of: stored)
        guard let first = entries.first(where: isPersons) else { return nil }
        // Field sets of different versions cannot be joined.
        func isTaken(_ entry: Value) -> Bool {
            isPersons(entry) && entry[key: "apiVersion"] == first[key: "apiVersion"]
        }
        var own = first.asMap ?? ValueMap()
        own["manager"] = .string(FieldManager.own)
        own["operation"] = "Apply"
        own["fieldsV1"] = entries.filter(isTaken).compactMap { $0[key: "fieldsV1"] }.reduce(.object([:]), union)
        return .tuple([.object(own)] + entries.filter { !isTaken($0) && !isOwn($0) })
    }

    /// What Plumbline and persons' tools own together becomes Plumbline's alone; nil where there is no such thing.
    static func separating(_ stored: Value) -> Value? {
        let entries = entries(of: stored)
        guard let own = entries.first(where: isOwn), let fields = own[key: "fieldsV1"] else { return nil }
        var hasChanged = false
        let kept = entries.compactMap { entry -> Value? in
            guard isPersons(entry), entry[key: "apiVersion"] == own[key: "apiVersion"],
                let theirs = entry[key: "fieldsV1"]
            else { return entry }
            let rest = difference(theirs, fields)
            guard rest != theirs else { return entry }
            hasChanged = true
            guard let rest, var map = entry.asMap else { return nil }
            map["fieldsV1"] = rest
            return .object(map)
        }
        return hasChanged ? .tuple(kept) : nil
    }

    private static func entries(of stored: Value) -> [Value] {
        stored[key: "metadata"]?[key: "managedFields"]?.asList ?? []
    }

    private static func manager(_ entry: Value) -> (name: String?, operation: String?, isWhole: Bool) {
        let subresource = entry[key: "subresource"]?.asString ?? ""
        return (entry[key: "manager"]?.asString, entry[key: "operation"]?.asString, subresource.isEmpty)
    }

    private static func isPersons(_ entry: Value) -> Bool {
        let (name, operation, isWhole) = manager(entry)
        return isWhole && operation == "Update" && people.contains(name ?? "")
    }

    private static func isOwn(_ entry: Value) -> Bool {
        let (name, operation, isWhole) = manager(entry)
        return isWhole && operation == "Apply" && name == FieldManager.own
    }

    // MARK: - Sets of fields (FieldsV1)

    private static func union(_ left: Value, _ right: Value) -> Value {
        guard let fields = left.asMap, let others = right.asMap else { return left }
        var joined = fields
        for entry in others { joined[entry.key] = fields[entry.key].map { union($0, entry.value) } ?? entry.value }
        return .object(joined)
    }

    /// Nil where nothing is left.
    private static func difference(_ left: Value, _ right: Value) -> Value? {
        guard let fields = left.asMap, let others = right.asMap else { return nil }
        let kept = fields.compactMap { entry -> (String, Value)? in
            guard let other = others[entry.key] else { return (entry.key, entry.value) }
            return difference(entry.value, other).map { (entry.key, $0) }
        }
        // A mapping or item that was only there to be with its fields goes with them.
        let isNothing = kept.allSatisfy { $0.0 == "." }
        return isNothing ? nil : .object(ValueMap(kept))
    }
}
