internal import ArgumentParser
internal import Operations
internal import PlumbModel
internal import Reporting

/// `plumb show`
struct ShowCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Show a saved plan, or all that is recorded.",
        discussion: """
            Examples:
              plumb show                all that is recorded
              plumb show release.plan   a saved plan, with everything in it
            """)

    @OptionGroup var common: StackOptions

    @Argument(help: "A plan saved with `plumb plan --out`; without it, the state.", completion: .file())
    var plan: String?

    func run() async throws {
        let console = common.console
        do throws(Diagnostics) {
            if let plan {
                let saved = try await SavedPlan.read(plan, at: common.location, environment: Invocation.environment)
                return PlanReport(saved, detail: .full).render(console.output) { console.write($0) }
            }
            let state = try await StateOperation.open(
                common.location, capabilities: Invocation.capabilities, environment: Invocation.environment)
            let snapshot = try await state.snapshot()
            let report = StateReport(console.output)
            for record in snapshot.resources.sorted(by: { $0.address < $1.address }) {
                console.write(report.show(record) + "\n")
            }
            if !snapshot.outputs.isEmpty { console.write(OutputsReport(snapshot.outputs).render(console.output)) }
            if snapshot.resources.isEmpty, snapshot.outputs.isEmpty { console.note("Nothing is recorded.") }
            await state.close()
        } catch {
            throw common.failing(error)
        }
    }
}
