import Foundation
import PlumbModel

/// What two plans of one configuration must agree on, from a plan document: changes, outputs, relevant attributes, what is
/// planned and declared, and what waits for what. Names are Terraform's; identifiers, which are random, are all the same.
enum PlanDigest {
    /// A plan that was refused.
    static let refusal: Value = ["refused": true]

    /// - Parameter order: `ADDRESS ACTION` of two side effects, the first before the second.
    static func of(_ document: Value, order: Set<Precedence>) -> Value {
        let changes = (document[key: "resource_changes"]?.asList ?? []).map { entry in
            let deposed = entry[key: "deposed"] == nil ? "" : " (deposed)"
            return ((entry[key: "address"]?.asString ?? "?") + deposed, change(entry))
        }
        let outputs = (document[key: "output_changes"]?.asMap ?? ValueMap()).map { ($0.key, output($0.value)) }
        // Which instances of a module are meant, Terraform does not always know.
        let relevant = (document[key: "relevant_attributes"]?.asList ?? []).map { attribute in
            let resource = attribute[key: "resource"]?.asString ?? "?"
            return resource.replacing(#/(module\.[^.\[]+)\[[^\]]*\]/#) { $0.output.1 }
                + " \((attribute[key: "attribute"] ?? .null).json)"
        }
        return [
            "changes": .object(ValueMap(changes)),
            "outputs": .object(ValueMap(outputs)),
            "relevant_attributes": .tuple(Set(relevant).sorted().map(Value.string)),
            "order": .tuple(order.map(\.text).sorted().map(Value.string)),
            "configuration": plain(document[key: "configuration"]?[key: "root_module"] ?? .null),
            "planned_values": plain(document[key: "planned_values"] ?? .null),
            "variables": document[key: "variables"] ?? .null,
            "complete": document[key: "complete"] ?? .null,
            "applyable": document[key: "applyable"] ?? .null,
        ]
    }

    private static func change(_ entry: Value) -> Value {
        let change = entry[key: "change"] ?? .null
        var members: [(String, Value)] = []
        for name in ["actions", "after", "after_unknown", "replace_paths", "importing"] {
            if let value = change[key: name] { members.append((name, value)) }
        }
        for name in ["action_reason", "previous_address", "module_address", "index"] {
            if let value = entry[key: name] { members.append((name, value)) }
        }
        return .object(ValueMap(members))
    }

    /// Without what names providers, and without marks: Plumbline also marks what a secret is copied to.
    private static func plain(_ value: Value) -> Value {
        switch value.kind {
        case .list(let elements, _): return .tuple(elements.map(plain))
        case .map(let map, _):
            let names = ["provider_name", "provider_config_key", "sensitive_values"]
            return .object(map.filter { !names.contains($0.key) }.mapValues(plain))
        default: return value
        }
    }

    private static func output(_ entry: Value) -> Value {
        .object((entry.asMap ?? ValueMap()).filter { $0.key != "before" })
    }

    /// A document with Terraform's names and without random identifiers.
    static func parse(_ text: String) throws -> Value {
        let plain = text.replacing("data_value", with: "terraform_data")
        let pattern = #/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/#
        return try Value(json: plain.replacing(pattern, with: "UUID"))
    }

    // MARK: - Differences

    /// Where two digests differ, a line for each place.
    static func differences(_ terraform: Value, _ plumb: Value, at path: String = "") -> [String] {
        if path.hasSuffix(".order") {
            return Precedence.differences(terraform, plumb).map { "\(path): \($0)" }
        }
        switch (terraform.kind, plumb.kind) {
        case (.map(let left, _), .map(let right, _)):
            return Set(left.keys + right.keys).sorted().flatMap { key -> [String] in
                switch (left[key], right[key]) {
                case (let one?, let other?): return differences(one, other, at: "\(path).\(key)")
                case (let one?, nil): return ["\(path).\(key): only Terraform has \(one.json)"]
                case (nil, let other?): return ["\(path).\(key): only Plumbline has \(other.json)"]
                case (nil, nil): return []
                }
            }
        case (.list(let left, _), .list(let right, _)) where left.count == right.count:
            return zip(left, right).enumerated().flatMap { differences($1.0, $1.1, at: "\(path)[\($0)]") }
        default:
            return terraform.isSame(as: plumb)
                ? [] : ["\(path): Terraform has \(terraform.json), Plumbline \(plumb.json)"]
        }
    }
}

/// That one side effect comes before another.
struct Precedence: Hashable {
    /// A side effect: the address of its resource instance, and `make` or `destroy`.
    struct Effect: Hashable {
        let address: String
        let isDestruction: Bool

        var text: String { "\(address) \(isDestruction ? "destroy" : "make")" }

        /// The resource, whichever the instance and that of its module.
        var resource: Effect {
            Effect(address: address.replacing(#/\[(?:"[^"]*"|[0-9]+)\]/#, with: ""), isDestruction: isDestruction)
        }

        init(address: String, isDestruction: Bool) {
            self.address = address
            self.isDestruction = isDestruction
        }

        init?(parsing text: Substring) {
            guard let space = text.lastIndex(of: " ") else { return nil }
            self.init(address: String(text[..<space]), isDestruction: text[space...] == " destroy")
        }
    }

    let first: Effect
    let second: Effect

    var text: String { "\(first.text) < \(second.text)" }

    init(_ first: Effect, _ second: Effect) {
        self.first = first
        self.second = second
    }

    private init?(parsing text: String) {
        let sides = text.split(separator: " < ")
        guard sides.count == 2, let first = Effect(parsing: sides[0]), let second = Effect(parsing: sides[1]) else {
            return nil
        }
        self.init(first, second)
    }

    /// Between resources, both must know the same order. Between single instances Plumbline may know less, since it follows
    /// references to one instance and Terraform those to all; but nothing that Terraform does not know.
    static func differences(_ terraform: Value, _ plumb: Value) -> [String] {
        func pairs(_ value: Value) -> Set<Precedence> {
            Set((value.asList ?? []).compactMap(\.asString).compactMap(Precedence.init(parsing:)))
        }
        func resources(_ pairs: Set<Precedence>) -> Set<Precedence> {
            Set(pairs.map { Precedence($0.first.resource, $0.second.resource) })
        }
        let (left, right) = (pairs(terraform), pairs(plumb))
        return resources(left).subtracting(resources(right)).map { "only Terraform has \($0.text)" }.sorted()
            + right.subtracting(left).map { "only Plumbline has \($0.text)" }.sorted()
    }
}
