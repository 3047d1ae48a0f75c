public import PlumbModel

/// A scope in which there is nothing to refer to, such as that of a variable's value.
public struct ConstantScope: EvaluationScope {
    public init() {}

    public var files: (any SpecificationSource)? { nil }

    public func value(of reference: Reference, at range: SourceRange) throws(Diagnostics) -> Value {
        throw Diagnostics(
            .error(
                "Reference out of place",
                "\"\(range.text)\" would refer to something, but a value given from outside must stand for itself. A string "
                    + "inside of a list or a mapping needs quotes.", at: range))
    }

    public func value(
        of resource: ResourceAddress, instance key: InstanceKey, at range: SourceRange
    ) throws(Diagnostics) -> Value {
        try value(of: .resource(resource), at: range)
    }
}
