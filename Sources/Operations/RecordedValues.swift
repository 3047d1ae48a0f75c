internal import Expressions
internal import PlumbModel

/// What the resources of a stack are as the state has them: not there yet means unknown.
final class RecordedValues: ResourceLookup {
    private let graph: ResourceGraph?
    private let values: GraphValues?

    init(_ graph: ResourceGraph?, _ snapshot: StateSnapshot = StateSnapshot()) {
        self.graph = graph
        values = graph.map { graph in
            let values = GraphValues(graph)
            for record in snapshot.resources where record.deposedKey == nil {
                values.set(record.values, at: record.address)
            }
            return values
        }
    }

    func value(
        of resource: ResourceAddress, key: InstanceKey?, at range: SourceRange
    ) throws(Diagnostics) -> Value {
        guard let graph, let values else {
            throw Diagnostics(
                .error(
                    "Unknown resource",
                    "There is no stack in this directory, and so no resource \"\(resource)\". Functions and operators work; "
                        + "`-C DIR` names the directory of a stack.", at: range))
        }
        guard graph.declaration(at: resource) != nil else {
            let known = graph.declarations.map(\.address.description)
            throw Diagnostics(
                .error(
                    "Unknown resource",
                    "No resource is named \"\(resource)\"."
                        + Suggestion.didYouMean(resource.description, among: known), at: range))
        }
        return try values.value(of: resource, key: key, at: range)
    }
}
