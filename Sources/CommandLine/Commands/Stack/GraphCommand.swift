internal import ArgumentParser
internal import Operations
internal import Planning
internal import PlumbModel
internal import Reporting

/// `plumb graph`
struct GraphCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "graph", abstract: "Draw what depends on what.",
        discussion: """
            Examples:
              plumb graph --format svg --output graph.svg
              plumb graph | dot -Tpng > graph.png
              plumb graph --format mermaid
              plumb graph --plan             coloured by what an apply would do
            """)

    enum Format: String, ExpressibleByArgument, CaseIterable { case dot, mermaid, svg }

    @OptionGroup var common: StackOptions
    @OptionGroup var variables: VariableOptions

    @Option(help: "dot, mermaid, or svg: a picture that needs no other program.")
    var format = Format.dot

    @Option(help: "Write to this file instead of standard output.", completion: .file())
    var output: String?

    @Flag(help: "Plan first, and colour the resources by what will become of them.")
    var plan = false

    func run() async throws {
        do throws(Diagnostics) {
            let session = try await StackSession.open(
                common.location, capabilities: Invocation.capabilities, environment: Invocation.environment,
                variables: try variables.arguments(), requiresVariables: plan)
            let planned =
                plan ? try await PlanMaking(console: common.console, session: session).make(PlanOptions()).plan : nil
            let report = GraphReport(GraphOperation(session).sketch(planned))
            await session.close()
            let text =
                switch format {
                case .dot: report.dot()
                case .mermaid: report.mermaid()
                case .svg: report.svg()
                }
            if let output {
                try await FileReplacement.write(Array(text.utf8), to: output)
            } else {
                common.console.write(text)
            }
        } catch {
            throw common.failing(error)
        }
    }
}
