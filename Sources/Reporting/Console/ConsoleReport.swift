public import PlumbModel

/// The answers of `plumb console`: a value as Terraform's console writes it, or as JSON.
public struct ConsoleReport: Sendable {
    private let value: Value

    public init(_ value: Value) { self.value = value }

    /// As an expression that would give the value: `tomap({...})`, `toset([...])`, here documents for long texts. Ends
    /// with a line end.
    public func render() -> String {
        var writer = ConsoleValueWriter()
        writer.write(value, of: .any, indent: 0)
        return writer.text + "\n"
    }

    /// One line of JSON; `{"error": …}` where the value is secret or is not known yet.
    public func json() -> String {
        if value.containsSensitive {
            return Self.failure("Sensitive value: JSON would show it. Use nonsensitive(…) if it may be shown.")
        }
        if !value.isWhollyKnown { return Self.failure("Unknown value: it is known only after apply.") }
        return value.json + "\n"
    }

    /// One line of JSON that tells why an expression has no value.
    public static func json(_ problems: Diagnostics) -> String {
        let first = problems.all.first { $0.severity == .error } ?? problems.all.first
        return failure(first.map { "\($0.summary): \($0.detail)" } ?? "The expression has no value.")
    }

    private static func failure(_ message: String) -> String {
        Value.object(ValueMap([("error", .string(message))])).json + "\n"
    }
}
