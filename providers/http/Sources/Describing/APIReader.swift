import Loading
import PlumbModel

/// Reads an API file and checks all of it, so that what is wrong is told with its place before anything is asked.
struct APIReader {
    private static let keys = [
        "api", "summary", "documentation", "base_url", "auth", "variables", "headers", "errors", "types",
    ]

    static func read(_ file: SourceFile) throws(Diagnostics) -> APIDescription {
        let documents = try YAMLReader.read(file)
        guard documents.count == 1, let document = documents.first else {
            throw Diagnostics(
                .error(
                    "Invalid API file", "An API file holds one YAML document; \(file.path) holds \(documents.count).",
                    at: SourceRange(file: file, start: 0, end: 0)))
        }
        var section = SectionReader(document, "an API file", keys: keys)
        let name = section.requiredText("api")
        _ = section.text("summary")
        _ = section.text("documentation")
        let baseURL = section.text("base_url")
        let variables = readVariables(&section)
        let settings = NameCheck(roots: [], attributes: [], variables: variables.map(\.name) + ["key"])
        let authentication = readAuthentication(&section, settings)
        let headers = section.fields("headers", settings)
        let errorMessage = readErrors(&section, settings)
        let types = readTypes(&section, settings)
        try section.problems.throwIfErrors()
        return APIDescription(
            name: name, file: file, baseURL: baseURL, variables: variables, authentication: authentication,
            headers: headers, errorMessage: errorMessage, types: types)
    }

    private static func readVariables(_ section: inout SectionReader) -> [APIDescription.Variable] {
        guard let node = section.node["variables"] else { return [] }
        var variables = SectionReader(node, "variables", keys: nil)
        let read = variables.entries.map { entry in
            var variable = SectionReader(entry.value, "the variable \(entry.key)", keys: ["default", "summary"])
            let defaultValue = variable.text("default")
            _ = variable.text("summary")
            if entry.key == "key" {
                variable.report("Reserved name", "var.key is the instance's own `key`.", at: entry.keyRange)
            }
            variables.adopt(variable.problems)
            return APIDescription.Variable(name: entry.key, defaultValue: defaultValue)
        }
        section.adopt(variables.problems)
        return read
    }

    private static func readAuthentication(
        _ section: inout SectionReader, _ names: NameCheck
    ) -> AuthenticationTemplate? {
        guard let node = section.node["auth"] else { return nil }
        let (template, problems) = AuthenticationReader.read(node, names)
        section.adopt(problems)
        return template
    }

    private static func readErrors(_ section: inout SectionReader, _ names: NameCheck) -> ValueExpression? {
        guard let node = section.node["errors"] else { return nil }
        var errors = SectionReader(node, "errors", keys: ["message"])
        defer { section.adopt(errors.problems) }
        return errors.expression("message", names.with(.response))
    }

    private static func readTypes(_ section: inout SectionReader, _ names: NameCheck) -> [TypeDescription] {
        guard let node = section.node["types"] else {
            section.report(
                "Missing key", "an API file must have \"types\": what resources the API has.",
                at: section.node.range.firstLine)
            return []
        }
        var types = SectionReader(node, "types", keys: nil)
        let read = types.entries.compactMap { entry -> TypeDescription? in
            var reader = TypeReader(entry, names)
            let type = reader.read()
            types.adopt(reader.problems)
            return type
        }
        section.adopt(types.problems)
        return read
    }
}
