import Loading
import PlumbModel

/// Reads an API file and checks all of it, so that what is wrong is told with its place before anything is asked.
struct APIReader {
    private static let keys = [
        "api", "summary", "documentation", "base_url", "auth", "variables", "headers", "errors", "types", "data",
    ]

    /// Throws all that is wrong; what is only suspicious is in the description's `warnings`.
    ///
    /// - Parameter references: takes schemas out of documents beside the file; nil where there are none.
    static func read(
        _ file: SourceFile, references: (any SchemaReferenceReading)? = nil
    ) throws(Diagnostics) -> APIDescription {
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
        let variables = readVariables(&section)
        let usage = NameUsage()
        let settings = NameCheck(
            roots: [], attributes: [], variables: variables.map(\.name) + ["key"], usage: usage)
        let authentication = readAuthentication(&section, settings)
        let baseURL = section.text("base_url").flatMap { _ in section.expression("base_url", settings) }
        let headers = section.fields("headers", settings)
        let errors = ErrorReader.read(&section, settings)
        let types = TypesReader(settings: settings, errors: errors, references: references).read(&section)
        warnAboutUnused(&section, usage)
        guard !section.problems.hasErrors else { throw section.problems.errorsOnly }
        return APIDescription(
            name: name, file: file, baseURL: baseURL, variables: variables, authentication: authentication,
            headers: headers, errors: errors, types: types.resources, dataTypes: types.data,
            warnings: section.problems)
    }

    private static func readVariables(_ section: inout SectionReader) -> [APIDescription.Variable] {
        guard let node = section.node["variables"] else { return [] }
        return section.section(node, "variables", keys: nil) { variables in
            variables.entries.map { entry in
                variables.section(entry.value, "the variable \(entry.key)", keys: ["default", "summary"]) { variable in
                    let defaultValue = variable.text("default")
                    _ = variable.text("summary")
                    if entry.key == "key" {
                        variable.report("Reserved name", "var.key is the instance's own `key`.", at: entry.keyRange)
                    }
                    return APIDescription.Variable(name: entry.key, defaultValue: defaultValue)
                }
            }
        }
    }

    private static func warnAboutUnused(_ section: inout SectionReader, _ usage: NameUsage) {
        for entry in section.node["variables"]?.mapping ?? [] where !usage.variables.contains(entry.key) {
            section.warn(
                "Unused variable", "no expression of the file uses var.\(entry.key): remove it, or use it.",
                at: entry.keyRange)
        }
    }

    private static func readAuthentication(
        _ section: inout SectionReader, _ names: NameCheck
    ) -> AuthenticationTemplate? {
        guard let node = section.node["auth"] else { return nil }
        let (template, problems) = AuthenticationReader.read(node, names)
        section.adopt(problems)
        return template
    }
}

extension Diagnostics {
    /// The errors, each place once: an alias repeats what is wrong with what it stands for. What is only suspicious
    /// may well come from an error.
    fileprivate var errorsOnly: Diagnostics {
        var seen: Set<String> = []
        return Diagnostics(
            all.filter { problem in
                guard problem.severity == .error else { return false }
                guard let source = problem.source else { return true }
                return seen.insert("\(source.start) \(source.end) \(problem.summary)").inserted
            })
    }
}
