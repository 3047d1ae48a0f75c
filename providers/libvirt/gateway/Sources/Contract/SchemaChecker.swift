/// Holds a value against a schema of the contract, and collects all that is wrong with it.
struct SchemaChecker {
    let schemas: [String: Schema]
    private(set) var faults: [Problem.Fault] = []

    init(schemas: [String: Schema]) {
        self.schemas = schemas
    }

    private static let mostFaults = 20

    mutating func check(_ value: JSONValue, _ schema: Schema, at pointer: String = "") {
        guard faults.count < SchemaChecker.mostFaults else { return }
        switch schema {
        case .reference(let name):
            guard let schema = schemas[name] else {
                preconditionFailure("the contract names a schema that it does not have: \(name)")
            }
            check(value, schema, at: pointer)
        case .rules(let rules): check(value, rules, at: pointer)
        }
    }

    private mutating func check(_ value: JSONValue, _ rules: Schema.Rules, at pointer: String) {
        if let type = rules.type, type != value.typeName, !(type == "number" && value.typeName == "integer") {
            return report(pointer, "This is \(value.typeName), and has to be \(type).")
        }
        if let values = rules.values, !values.contains(value) {
            let words = values.compactMap(\.asString).joined(separator: ", ")
            return report(pointer, "This has to be one of: \(words).")
        }
        switch value {
        case .string(let text): check(text, rules, at: pointer)
        case .integer(let integer): check(integer, rules, at: pointer)
        case .array(let items): check(items, rules, at: pointer)
        case .object(let fields): check(fields, rules, at: pointer)
        case .null, .bool, .number: break
        }
    }

    private mutating func check(_ text: String, _ rules: Schema.Rules, at pointer: String) {
        if let lengths = rules.lengths, !lengths.contains(text.unicodeScalars.count) {
            let most = lengths.upperBound == .max ? "" : ", at most \(lengths.upperBound)"
            return report(
                pointer, "This has \(text.unicodeScalars.count) characters; at least \(lengths.lowerBound)\(most) fit.")
        }
        if let pattern = rules.pattern, !pattern.matches(text) {
            report(pointer, "This has to match \(pattern.text).")
        }
    }

    private mutating func check(_ integer: Int64, _ rules: Schema.Rules, at pointer: String) {
        if let minimum = rules.minimum, integer < minimum { report(pointer, "This is less than \(minimum).") }
        if let maximum = rules.maximum, integer > maximum { report(pointer, "This is more than \(maximum).") }
        if let factor = rules.multipleOf, integer % factor != 0 { report(pointer, "This is no multiple of \(factor).") }
    }

    private mutating func check(_ items: [JSONValue], _ rules: Schema.Rules, at pointer: String) {
        if let counts = rules.counts, !counts.contains(items.count) {
            let most = counts.upperBound == .max ? "" : ", at most \(counts.upperBound)"
            return report(pointer, "This has \(items.count) entries; at least \(counts.lowerBound)\(most) fit.")
        }
        if rules.isUnique, Set(items).count != items.count { report(pointer, "An entry stands here twice.") }
        guard let schema = rules.items else { return }
        for (index, item) in items.enumerated() { check(item, schema, at: "\(pointer)/\(index)") }
    }

    private mutating func check(_ fields: [String: JSONValue], _ rules: Schema.Rules, at pointer: String) {
        if let counts = rules.counts, fields.count > counts.upperBound {
            return report(pointer, "This has \(fields.count) entries; at most \(counts.upperBound) fit.")
        }
        for name in rules.required where fields[name] == nil {
            report("\(pointer)/\(SchemaChecker.escaped(name))", "This is required.")
        }
        for (name, value) in fields.sorted(by: { $0.key < $1.key }) {
            let place = "\(pointer)/\(SchemaChecker.escaped(name))"
            if let pattern = rules.propertyNames, !pattern.matches(name) {
                report(place, "The name has to match \(pattern.text).")
            }
            if let schema = rules.properties[name] {
                check(value, schema, at: place)
                continue
            }
            switch rules.additional {
            case .any: break
            case .all(let schema): check(value, schema, at: place)
            case .none:
                let known = rules.properties.keys.sorted().joined(separator: ", ")
                report(place, "No such attribute. There are: \(known).")
            }
        }
    }

    private mutating func report(_ pointer: String, _ detail: String) {
        faults.append(Problem.Fault(pointer: pointer, detail: detail))
    }

    /// As a JSON pointer has it.
    private static func escaped(_ name: String) -> String {
        name.replacing("~", with: "~0").replacing("/", with: "~1")
    }
}
