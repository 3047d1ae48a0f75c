import Foundation
import HTTPTypes

/// The served OpenAPI document, which is what requests are held against too: what it does not have does not get through.
struct Contract: Sendable {
    /// A method of a path.
    struct Operation: Sendable {
        let id: String
        let method: HTTPRequest.Method
        let parameters: [Parameter]
        let body: Body?
    }

    struct Parameter: Sendable {
        enum Place: String, Sendable { case path, query, header }
        let name: String
        let place: Place
        let schema: Schema
        let isRequired: Bool
        /// The type of the value, or of each value of a list.
        let type: String
        let isList: Bool
    }

    enum Body: Sendable {
        case json(Schema)
        /// A media type whose bytes the handler reads itself.
        case stream(String)
    }

    struct Path: Sendable {
        let parts: [Part]
        let operations: [Operation]
    }

    enum Part: Sendable, Hashable {
        case word(String)
        case parameter(String)
    }

    /// What a method and a path lead to.
    enum Match: Sendable {
        case found(Operation, [String: String])
        case wrongMethod(allowed: [String])
        case nothing
    }

    let text: [UInt8]
    let schemas: [String: Schema]
    let paths: [Path]

    init(_ text: [UInt8]) {
        guard let document = try? JSONDecoder().decode(JSONValue.self, from: Data(text)) else {
            preconditionFailure("openapi.json is no JSON")
        }
        self.text = text
        let named = document["components"]?["schemas"]?.asObject ?? [:]
        schemas = named.mapValues { Schema($0) }
        paths = (document["paths"]?.asObject ?? [:]).sorted { $0.key < $1.key }.map { path, methods in
            let parts = path.split(separator: "/").map { part in
                part.hasPrefix("{") ? Part.parameter(String(part.dropFirst().dropLast())) : .word(String(part))
            }
            let operations = (methods.asObject ?? [:]).compactMap { method, operation in
                HTTPRequest.Method(rawValue: method.uppercased()).map { Operation($0, operation, named) }
            }
            return Path(parts: parts, operations: operations)
        }
    }

    var operations: [Operation] { paths.flatMap(\.operations) }

    /// `path` is as it was sent, percent-encoded; an encoded slash does not end a part.
    func match(_ method: HTTPRequest.Method, _ path: Substring) -> Match {
        guard path.hasPrefix("/") else { return .nothing }
        let given = path.dropFirst().split(separator: "/", omittingEmptySubsequences: false)
        for path in paths where path.parts.count == given.count {
            guard let values = Contract.values(given, path.parts) else { continue }
            if let operation = path.operations.first(where: { $0.method == method }) {
                return .found(operation, values)
            }
            return .wrongMethod(allowed: path.operations.map(\.method.rawValue).sorted())
        }
        return .nothing
    }

    private static func values(_ given: [Substring], _ parts: [Part]) -> [String: String]? {
        var values: [String: String] = [:]
        for (text, part) in zip(given, parts) {
            switch part {
            case .word(let word): if word != text { return nil }
            case .parameter(let name):
                guard let value = String(text).removingPercentEncoding else { return nil }
                values[name] = value
            }
        }
        return values
    }
}

extension Contract.Operation {
    fileprivate init(_ method: HTTPRequest.Method, _ operation: JSONValue, _ schemas: [String: JSONValue]) {
        guard let id = operation["operationId"]?.asString else {
            preconditionFailure("an operation of the contract has no operationId")
        }
        self.id = id
        self.method = method
        parameters = (operation["parameters"]?.asArray ?? []).map { Contract.Parameter($0, schemas) }
        let content = operation["requestBody"]?["content"]?.asObject?.first
        body = content.map { type, media in
            type == "application/json" ? .json(Schema(media["schema"] ?? .null)) : .stream(type)
        }
    }
}

extension Contract.Parameter {
    fileprivate init(_ parameter: JSONValue, _ schemas: [String: JSONValue]) {
        guard let name = parameter["name"]?.asString,
            let place = parameter["in"]?.asString.flatMap({ Place(rawValue: $0) }),
            let written = parameter["schema"]
        else { preconditionFailure("a parameter of the contract lacks its name, its place or its schema") }
        let target = written["$ref"]?.asString.flatMap { $0.split(separator: "/").last }.flatMap { schemas[String($0)] }
        let shape = target ?? written
        self.name = name
        self.place = place
        schema = Schema(written)
        isRequired = parameter["required"] == .bool(true)
        isList = shape["type"]?.asString == "array"
        type = (isList ? shape["items"] : shape)?["type"]?.asString ?? "string"
    }

    /// What stands in a path, a query or a header, as the value that its schema speaks of.
    func value(_ texts: [String]) -> JSONValue {
        let values = texts.map { text -> JSONValue in
            switch type {
            case "integer": Int64(text).map { .integer($0) } ?? .string(text)
            case "boolean": text == "true" ? .bool(true) : text == "false" ? .bool(false) : .string(text)
            default: .string(text)
            }
        }
        return isList ? .array(values) : values.last ?? .null
    }
}
