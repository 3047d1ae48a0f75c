internal import Expressions
internal import PlumbModel

/// Holds write-only values, which the apply evaluates anew, against the fingerprints that the plan has of them.
struct WriteOnlyChecker {
    private let change: PlannedChange
    private let schema: Schema
    private let node: SpecificationNode?

    /// - Parameter node: the `spec`, for places.
    init(_ change: PlannedChange, _ schema: Schema, at node: SpecificationNode?) {
        self.change = change
        self.schema = schema
        self.node = node
    }

    /// The values, by attribute.
    ///
    /// - Parameter declared: by the spec, as it evaluates now.
    func values(_ declared: Value) throws(Diagnostics) -> [String: Value] {
        var values: [String: Value] = [:]
        var problems = Diagnostics()
        for attribute in schema.attributes where attribute.isWriteOnly {
            let value = declared[key: attribute.name] ?? .null
            let promise = change.after?[key: attribute.name] ?? .null
            let isKept =
                WriteOnlyFingerprint(promise).map { !value.isNull && $0.matches(value) }
                ?? (promise.isUnknown || value.isNull)
            if isKept { values[attribute.name] = value } else { problems.append(broken(attribute.name, value)) }
        }
        try problems.throwIfErrors()
        return values
    }

    private func broken(_ name: String, _ value: Value) -> Diagnostic {
        let what =
            value.isNull
            ? "has no value now (a rollback and `ignore_changes` have none to give)" : "has another value now"
        return .error(
            "Write-only value differs from the plan",
            "\"\(name)\" of \(change.address) is kept nowhere, so that the apply evaluates it anew, and it \(what). The plan is "
                + "a promise, so the change was not made. Give the value that the plan was made with, or plan again.",
            address: change.address, at: node?.range(at: AttributePath(name)))
    }
}
