internal import PlumbModel

extension Value {
    /// What an index directly behind a name picks out.
    func element(_ key: InstanceKey, at range: SourceRange) throws(Diagnostics) -> Value {
        if isUnknown { return .unknown().sensitive(isSensitive) }
        let found: Value? =
            switch key {
            case .name(let name): self[key: name]
            case .index(let index):
                asList.flatMap { $0.indices.contains(index) ? $0[index].sensitive(isSensitive) : nil }
            }
        if let found { return found }
        throw Diagnostics(
            .error(
                "Invalid index", "There is no element \(key) here: the value is \(isNull ? "null" : type.phrase).",
                at: range))
    }
}
