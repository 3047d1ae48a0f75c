public import PlumbModel

extension Schema {
    /// Planning by the schema alone: declared values win, computed ones stay as they are or become unknown.
    ///
    /// - A declared attribute keeps the prior value where both count as the same.
    /// - A computed one keeps the prior value; on a creation or replacement, and if it is volatile on any update, it
    ///   is unknown.
    /// - A change of an attribute with `forcesReplacement` is listed in `replacePaths`.
    public func plan(_ request: PlanRequest) -> ResourcePlan {
        let prior = request.prior?.values
        var planned: [(String, Value)] = []
        var changed: [AttributeSchema] = []
        for attribute in attributes {
            let value = plan(attribute, declared: request.declared[key: attribute.name] ?? .null, prior: prior)
            if let prior, value != prior[key: attribute.name] ?? .null { changed.append(attribute) }
            planned.append((attribute.name, value))
        }
        let replaced = changed.filter(\.forcesReplacement)
        if prior != nil, changed.isEmpty { return ResourcePlan(planned: .object(ValueMap(planned))) }
        let isNew = prior == nil || !replaced.isEmpty
        for (index, attribute) in attributes.enumerated() where attribute.isComputed {
            guard request.declared[key: attribute.name]?.isNull ?? true else { continue }
            if isNew || attribute.isVolatile { planned[index].1 = .unknown(attribute.type) }
        }
        return ResourcePlan(
            planned: .object(ValueMap(planned)), replacePaths: replaced.map { AttributePath($0.name) })
    }

    private func plan(_ attribute: AttributeSchema, declared: Value, prior: Value?) -> Value {
        let old = prior?[key: attribute.name] ?? .null
        guard attribute.isSettable, !declared.isNull else {
            return attribute.isComputed ? old : attribute.defaultValue ?? .null
        }
        if prior != nil, let rule = attribute.normalisation, declared.isWhollyKnown, rule.areSame(declared, old) {
            return old
        }
        return declared
    }
}
