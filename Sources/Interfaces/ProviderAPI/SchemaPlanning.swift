public import PlumbModel

extension Schema {
    /// Planning by the schema alone: declared values win, computed ones stay as they are or become unknown.
    ///
    /// - A declared attribute, or a default in its place, keeps the prior value where both count as the same.
    /// - A computed one keeps the prior value; on a creation or replacement, and if it is volatile on any update, it
    ///   is unknown.
    /// - A change of an attribute with `forcesReplacement` is listed in `replacePaths`.
    public func plan(_ request: PlanRequest) -> ResourcePlan {
        let declared = request.declared.asMap ?? ValueMap()
        let prior = request.prior.map { $0.values.asMap ?? ValueMap() }
        var planned: [(String, Value)] = []
        planned.reserveCapacity(attributes.count)
        var replacePaths: [AttributePath] = []
        var isChanged = false
        for attribute in attributes {
            let old = prior?[attribute.name] ?? .null
            let value = attribute.planned(declared: declared[attribute.name] ?? .null, old: prior == nil ? nil : old)
            if prior != nil, value != old {
                isChanged = true
                if attribute.forcesReplacement { replacePaths.append(AttributePath(attribute.name)) }
            }
            planned.append((attribute.name, value))
        }
        let isNew = prior == nil || !replacePaths.isEmpty
        guard isNew || isChanged else { return ResourcePlan(planned: .object(ValueMap(planned))) }
        for (index, attribute) in attributes.enumerated() where attribute.isComputed {
            let isDeclared = attribute.isSettable && declared[attribute.name]?.isNull == false
            if !isDeclared, isNew || attribute.isVolatile { planned[index].1 = .unknown(attribute.type) }
        }
        return ResourcePlan(planned: .object(ValueMap(planned)), replacePaths: replacePaths)
    }
}

extension AttributeSchema {
    /// `old` is nil on a creation.
    fileprivate func planned(declared: Value, old: Value?) -> Value {
        if isComputed, !isSettable || declared.isNull { return old ?? .null }
        let wanted = declared.isNull ? defaultValue ?? .null : declared
        if let old, let normalisation, !wanted.isNull, wanted.isWhollyKnown, normalisation.areSame(wanted, old) {
            return old
        }
        return wanted
    }
}
