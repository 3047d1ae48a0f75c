/// What all of an API's operations have in common and an instance must be told once: a tenant in every path, a version in
/// every query.
struct APISettings {
    struct Variable {
        let name: String
        let defaultValue: String?
        let summary: String
    }

    private(set) var variables: [Variable] = []
    /// Path parameters that are variables.
    private(set) var pathVariables: [String: String] = [:]

    init(_ groups: [ResourceGroup]) {
        guard groups.count > 1 else { return }
        let created = Set(groups.compactMap(\.idParameter))
        var counts: [String: Int] = [:]
        for group in groups {
            for name in Set(outer(group)) { counts[name, default: 0] += 1 }
        }
        for group in groups {
            for parameter in group.operations.flatMap({ $0.parameters(in: .path) }) {
                let name = parameter.name
                guard counts[name] == groups.count, !created.contains(name), pathVariables[name] == nil else {
                    continue
                }
                let value = parameter.shape.defaultValue?.asText
                pathVariables[name] = variable(name, value, parameter.summary)
            }
        }
    }

    private func outer(_ group: ResourceGroup) -> [String] {
        group.item.parameters.filter { $0 != group.idParameter }
    }

    /// The variable's name, as expressions have it.
    mutating func variable(_ name: String, _ defaultValue: String?, _ summary: String) -> String {
        let snake = Naming.snake(name)
        // `key` is the instance's own.
        let name = snake.first?.isLetter != true || snake == "key" ? "api_" + snake : snake
        if !variables.contains(where: { $0.name == name }) {
            variables.append(
                Variable(name: name, defaultValue: defaultValue, summary: SentenceMaker.sentence(summary)))
        }
        return name
    }
}
