internal import ArgumentParser
internal import Operations
internal import PlumbModel
internal import Reporting

/// `plumb api import`
struct APIImportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import", abstract: "Make an API file of an OpenAPI document.",
        discussion: """
            Reads OpenAPI 3 and Swagger 2, YAML or JSON, with what they refer to in other files. The API file goes to \
            standard output or --output; what was found, what was left out and what to look at first to standard error.

            Examples:
              plumb api import openapi.yaml --output shop.yaml
              plumb api import openapi.json --name shop --include '/items*'
              plumb api import - --base-url http://localhost:8080 < swagger.json
            """)

    @OptionGroup var common: StackOptions

    @Argument(help: "The document; - for standard input.", completion: .file())
    var document: String

    @Option(help: "What the API is called, and its types begin with. Otherwise by the title.")
    var name: String?

    @Option(help: "Only types or paths that match: 'zone*', '/zones/*'. May be repeated.")
    var include: [String] = []

    @Option(help: "Where the API is.")
    var baseURL: String?

    @Option(help: "The file to write.", completion: .file())
    var output: String?

    @Flag(help: "Replace the file of --output if it is there.")
    var overwrite = false

    func run() async throws {
        let console = common.console
        do throws(Diagnostics) {
            let isInput = document == "-"
            let imported = try await APIImportOperation(
                path: isInput ? "(standard input)" : path(document), name: name, include: include, baseURL: baseURL,
                input: isInput ? try await StandardInput.read() : nil, capabilities: Invocation.capabilities
            ).run()
            if let output {
                try await APIImportOperation.write(imported.text, to: path(output), overwrites: overwrite)
            } else {
                console.write(imported.text)
            }
            Invocation.report(imported.warnings, console)
            if !console.isQuiet {
                console.writeError(APIImportReport(imported, file: output).render(console.error))
            }
        } catch {
            throw common.failing(error)
        }
    }

    private func path(_ path: String) -> String {
        common.directory == "." || path.hasPrefix("/") ? path : common.directory + "/" + path
    }
}
