internal import ArgumentParser
internal import Operations
internal import PlumbModel
internal import Reporting

/// `plumb schema`
struct SchemaCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "schema", abstract: "Tell what specs can say: as JSON Schema for editors, or one type for people.",
        discussion: """
            In a stack, the types are those of the providers that it has configured; elsewhere, of those that need no \
            configuration.

            Examples:
              plumb schema > .plumb/spec.schema.json          for spec files
              plumb schema stack > .plumb/stack.schema.json   for stack.yaml
              plumb schema local_file                         one type, to be read
              plumb schema local_file --json                  its spec as JSON Schema
            """)

    @OptionGroup var common: StackOptions

    @Argument(help: "spec, stack, or a type.")
    var subject = "spec"

    @Flag(help: "A type as JSON Schema; spec and stack always are.")
    var json = false

    func run() async throws {
        let console = common.console
        do throws(Diagnostics) {
            let vocabulary = try await SchemaOperation(
                common.location, capabilities: Invocation.capabilities, environment: Invocation.environment
            ).vocabulary()
            let report = JSONSchemaReport(vocabulary)
            switch subject {
            case "spec": console.write(report.spec())
            case "stack": console.write(report.stack())
            default:
                let entries = try vocabulary.entries(named: subject)
                if json {
                    for entry in entries.prefix(1) { console.write(report.type(entry)) }
                } else {
                    console.write(entries.map { TypeReport($0).render(console.output) }.joined(separator: "\n"))
                }
            }
        } catch {
            throw common.failing(error)
        }
    }
}

extension Vocabulary {
    /// The resource type and the type of data that have a name; `data.NAME` means the latter alone.
    fileprivate func entries(named subject: String) throws(Diagnostics) -> [TypeEntry] {
        let isData = subject.hasPrefix("data.")
        let name = isData ? String(subject.dropFirst(5)) : subject
        // Resources first: they are what is meant where both exist and only one can be told.
        let found = types.filter { $0.name == name && (!isData || $0.mode == .data) }
            .sorted { $0.mode != .data && $1.mode == .data }
        guard found.isEmpty else { return found }
        let names = Set(types.map(\.name)).sorted()
        let hint = Suggestion.didYouMean(name, among: names)
        throw Diagnostics(
            .error(
                "Unknown type",
                "No configured provider has a type \"\(subject)\"."
                    + (hint.isEmpty ? " There are: \(names.joined(separator: ", "))." : hint)))
    }
}
