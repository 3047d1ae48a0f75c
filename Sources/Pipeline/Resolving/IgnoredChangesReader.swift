internal import Expressions
internal import PlumbModel

/// Reads `ignore_changes`: `all`, paths, or an expression that gives paths.
struct IgnoredChangesReader {
    let address: ResourceAddress
    let schema: Schema?

    func read(_ node: SpecificationNode, _ diagnostics: inout Diagnostics) -> IgnoredChanges? {
        if node.scalar?.value.asString == "all" { return .all }
        if Self.holdsExpression(node) || node.sequence?.contains(where: Self.holdsExpression) == true {
            return diagnostics.collect { () throws(Diagnostics) in
                .expression(try ExpressionParser.parse(node))
            }
        }
        guard let items = node.sequence else {
            diagnostics.append(
                .error(
                    "Wrong type", "`ignore_changes` must be a list, but it is \(node.phrase).", address: address,
                    at: node.range))
            return nil
        }
        return .patterns(
            items.compactMap { item in
                diagnostics.collect { () throws(Diagnostics) in
                    try AttributePattern(
                        ignoring: item.scalar?.value.asString, of: address, schema, at: item.range)
                }
            })
    }

    private static func holdsExpression(_ node: SpecificationNode) -> Bool {
        node.scalar?.value.asString?.contains("${") == true
    }
}
