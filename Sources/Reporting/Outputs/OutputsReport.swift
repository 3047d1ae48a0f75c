public import PlumbModel

/// The outputs of a stack: for people, for scripts as JSON, and one alone as it is.
public struct OutputsReport: Sendable {
    private let outputs: [OutputRecord]

    public init(_ outputs: [OutputRecord]) {
        self.outputs = outputs.sorted { $0.name < $1.name }
    }

    /// All outputs; secrets masked.
    public func render(_ style: TerminalStyle) -> String {
        var canvas = Canvas(style)
        if outputs.isEmpty {
            canvas.paragraph("No outputs are recorded.", indent: 0, .dim)
        } else {
            write(to: &canvas, indent: 0)
        }
        return canvas.text
    }

    func write(to canvas: inout Canvas, indent: Int) {
        let longest = ValueWriter.alignment(outputs.map(\.name))
        let values = ValueWriter(showsEverything: true)
        for output in outputs {
            canvas.spaces(indent)
            canvas.write(output.name, .bold)
            canvas.write(":", .dim)
            let padding = longest - (canvas.column - indent - 1)
            values.write(output.value, to: &canvas, indent: indent + 2, padding: padding)
        }
    }

    /// All outputs as `terraform output -json` gives them: `{"name": {"sensitive": …, "type": …, "value": …}}`. It is
    /// made for programs, so secrets are in it.
    public func json() -> String {
        let entries = outputs.map { output -> (String, Value) in
            let document: Value = [
                "sensitive": .bool(output.value.containsSensitive),
                "type": TypeDocument.value(output.value.type),
                "value": output.value,
            ]
            return (output.name, document)
        }
        return IndentedJSON.text(.object(ValueMap(entries)))
    }

    /// The value of one output as JSON, even where it is secret: whoever names it wants it.
    public func json(of name: String) throws(Diagnostics) -> String {
        IndentedJSON.text(try value(name))
    }

    /// A string, number or bool as it is, without quotes and line end, even where it is secret.
    public func raw(_ name: String) throws(Diagnostics) -> String {
        let value = try value(name)
        switch value.kind {
        case .string(let text): return text
        case .number(let number): return number.description
        case .bool(let flag): return flag ? "true" : "false"
        case .null, .unknown, .list, .map:
            throw Diagnostics(
                .error(
                    "Output has no raw form",
                    "The output \"\(name)\" is \(OutputsReport.phrase(value)). Only strings, numbers and bools can be "
                        + "written raw; use --json."))
        }
    }

    private func value(_ name: String) throws(Diagnostics) -> Value {
        if let output = outputs.first(where: { $0.name == name }) { return output.value }
        let known = outputs.map(\.name)
        let hint = Suggestion.didYouMean(name, among: known)
        let list = known.isEmpty ? "The state holds no outputs." : "The state holds \(Wording.list(known, atMost: 8))."
        throw Diagnostics(
            .error(
                "Unknown output",
                "No output is named \"\(name)\".\(hint.isEmpty ? " " + list : hint) "
                    + "An output is recorded by the first apply after it was declared."))
    }

    private static func phrase(_ value: Value) -> String {
        value.isNull ? "null" : value.type.phrase
    }
}

/// A type in Terraform's JSON form: `"string"`, `["list","string"]`, `["object",{"a":"number"}]`.
enum TypeDocument {
    static func value(_ type: ValueType) -> Value {
        switch type {
        case .any: "dynamic"
        case .bool: "bool"
        case .number: "number"
        case .string: "string"
        case .list(let element): ["list", value(element)]
        case .set(let element): ["set", value(element)]
        case .map(let element): ["map", value(element)]
        case .tuple(let elements): ["tuple", .tuple(elements.map(value))]
        case .object(let attributes):
            ["object", .object(ValueMap(attributes.map { ($0.name, value($0.type)) }))]
        }
    }
}
