internal import Expressions
internal import PlumbModel

/// What a policy can refer to: the plan as programs read it (`plan.resource_changes`), and nothing else.
struct PolicyScope: EvaluationScope {
    /// Nil while no plan is there: then all of it is unknown.
    let document: ValueMap?

    /// Members that a document leaves out where they would be empty.
    private static let lists = ["resource_changes", "resource_drift", "checks", "relevant_attributes"]
    private static let maps = ["variables", "output_changes", "prior_state", "planned_values", "configuration"]
    private static let others = [
        "format_version", "terraform_version", "plumbline_version", "timestamp", "applyable", "complete", "errored",
        "plumbline_steps",
    ]

    /// Policies of a program's making read nothing but the plan.
    var files: (any SpecificationSource)? { nil }

    func value(of reference: Reference, at range: SourceRange) throws(Diagnostics) -> Value {
        guard case .resource(let address) = reference, address.type == "plan", address.mode == .managed else {
            throw Diagnostics(
                .error(
                    "Reference out of place",
                    "A policy judges a plan, and can refer to it alone, such as `plan.resource_changes` or "
                        + "`plan.output_changes`. Here stands \"\(range.text)\".", at: range))
        }
        let known = Self.lists + Self.maps + Self.others
        guard known.contains(address.name) else {
            throw Diagnostics(
                .error(
                    "Unknown part of a plan",
                    "A plan has no part \"\(address.name)\".\(Suggestion.didYouMean(address.name, among: known)) "
                        + "`plumb plan --json` shows what it has.", at: range))
        }
        guard let document else { return .unknown() }
        if let value = document[address.name] { return value }
        return Self.lists.contains(address.name) ? .tuple([]) : Self.maps.contains(address.name) ? .object([:]) : .null
    }

    func value(
        of resource: ResourceAddress, instance key: InstanceKey, at range: SourceRange
    ) throws(Diagnostics) -> Value {
        try value(of: .resource(resource), at: range).element(key, at: range)
    }
}
