import HTTPTransport
import PlumbModel
import ProviderAPI

/// The body of a request, in one of the forms that an API file can ask for.
struct RequestContent {
    let type: String
    let bytes: [UInt8]

    /// - Parameter parameters: joined with the body of a form or of a JSON object.
    init(
        _ body: RequestTemplate.Body, _ scope: OperationScope, _ connection: APIConnection,
        _ parameters: [(String, Value)]
    ) throws(ProviderError) {
        switch body {
        case .json(let expression):
            var value = try connection.evaluate(expression, scope).withoutNullEntries
            if !parameters.isEmpty, let map = value.asMap { value = .object(map.merging(ValueMap(parameters))) }
            self.init(json: value)
        case .form(let expression):
            var pairs: [(String, String)] = []
            for (name, value) in try connection.entries(of: expression, scope) + parameters {
                pairs += try connection.texts(value, name, at: expression.range).map { (name, $0) }
            }
            self.init("application/x-www-form-urlencoded", Array(URLText.query(pairs).utf8.dropFirst()))
        case .xml(let expression):
            let value = try connection.evaluate(expression, scope).withoutNullEntries
            guard let text = XMLWriter.text(value) else {
                throw ProviderError(
                    .invalid,
                    "\(expression.range): this is no XML document: one root element, whose names begin with a letter")
            }
            self.init("application/xml", Array(text.utf8))
        case .text(let expression):
            let value = try connection.evaluate(expression, scope)
            guard let text = value.isNull ? "" : value.asText else {
                throw ProviderError(.invalid, "\(expression.range): text must be a string, a number or a bool")
            }
            self.init("text/plain; charset=utf-8", Array(text.utf8))
        case .changes(let expression, let always):
            let patch = try RequestContent.differences(expression, scope, connection).map(Value.mergePatch) ?? .null
            let constant = try always.map { (always) throws(ProviderError) in
                try connection.evaluate(always, scope).withoutNullEntries
            }
            self.init(json: (constant ?? .object(ValueMap())).merged(with: patch))
        case .jsonPatch(let expression):
            let steps = try RequestContent.differences(expression, scope, connection).map(Value.jsonPatch) ?? []
            self.init("application/json-patch+json", Array(Value.tuple(steps).json.utf8))
        }
    }

    private init(_ type: String, _ bytes: [UInt8]) {
        self.type = type
        self.bytes = bytes
    }

    private init(json value: Value) {
        self.init("application/json", Array(value.json.utf8))
    }

    /// What an expression gives for the recorded values and for the planned ones; nil where both are the same.
    static func differences(
        _ expression: ValueExpression, _ scope: OperationScope, _ connection: APIConnection
    ) throws(ProviderError) -> (Value, Value)? {
        var before = scope
        before.own = scope.prior ?? .object(ValueMap())
        let old = try connection.evaluate(expression, before).withoutNullEntries
        let new = try connection.evaluate(expression, scope).withoutNullEntries
        return old.json == new.json ? nil : (old, new)
    }
}

extension Value {
    /// What makes `new` of `old`, as RFC 7386 has it: null takes away.
    static func mergePatch(_ pair: (old: Value, new: Value)) -> Value {
        guard let old = pair.old.asMap, let new = pair.new.asMap else { return pair.new }
        var patch = ValueMap()
        for entry in old where new[entry.key] == nil { patch[entry.key] = .null }
        for entry in new {
            guard let before = old[entry.key] else {
                patch[entry.key] = entry.value
                continue
            }
            if before.json != entry.value.json { patch[entry.key] = mergePatch((before, entry.value)) }
        }
        return .object(patch)
    }

    /// What makes `new` of `old`, as RFC 6902 has it. A list that differs is replaced as a whole: that is what was
    /// planned, whatever the server has meanwhile.
    static func jsonPatch(_ pair: (old: Value, new: Value)) -> [Value] {
        jsonPatch(pair.old, pair.new, at: "")
    }

    private static func jsonPatch(_ old: Value, _ new: Value, at path: String) -> [Value] {
        guard let before = old.asMap, let after = new.asMap else {
            return old.json == new.json ? [] : [["op": "replace", "path": .string(path), "value": new]]
        }
        func place(_ key: String) -> String {
            path + "/" + key.replacing("~", with: "~0").replacing("/", with: "~1")
        }
        var steps: [Value] = []
        for entry in before where after[entry.key] == nil {
            steps.append(["op": "remove", "path": .string(place(entry.key))])
        }
        for entry in after {
            if let inner = before[entry.key] {
                steps += jsonPatch(inner, entry.value, at: place(entry.key))
            } else {
                steps.append(["op": "add", "path": .string(place(entry.key)), "value": entry.value])
            }
        }
        return steps
    }

    /// An object with another one's entries, deeply; what is no object is replaced.
    func merged(with other: Value) -> Value {
        guard let mine = asMap, let others = other.asMap else { return other.isNull ? self : other }
        var map = mine
        for entry in others {
            let inner = map[entry.key]
            map[entry.key] =
                inner?.asMap != nil && entry.value.asMap != nil ? inner?.merged(with: entry.value) : entry.value
        }
        return .object(map)
    }
}
