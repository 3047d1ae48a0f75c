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
              plumb graph | dot -Tsvg > graph.svg
              plumb graph --format mermaid
              plumb graph --plan             coloured by what an apply would do
            """)

    enum Format: String, ExpressibleByArgument, CaseIterable { case dot, mermaid }

    @OptionGroup var common: StackOptions
    @OptionGroup var variables: VariableOptions

    @Option(help: "dot or mermaid.")
    var format = Format.dot

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
            common.console.write(format == .dot ? report.dot() : report.mermaid())
            await session.close()
        } catch {
            throw common.failing(error)
        }
    }
}
