public import PlumbModel

extension ResolvedOutput {
    /// An output that carries a secret must say so.
    public func check(_ value: Value, _ diagnostics: inout Diagnostics) {
        guard value.containsSensitive, !isSensitive else { return }
        diagnostics.append(
            .error(
                "Sensitive output",
                "The output \"\(name)\" holds a sensitive value. Write `sensitive: true` beside its `value`, or use "
                    + "`nonsensitive(…)` if it may be shown.", at: range))
    }
}
