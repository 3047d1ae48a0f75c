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
              plumb show                 all that is recorded
              plumb show release.plan    a saved plan, with everything in it
              plumb show --json          the state, as Terraform writes it
              plumb show --json release.plan | conftest test -
            """)

    @OptionGroup var common: StackOptions

    @Argument(help: "A plan saved with `plumb plan --out`; without it, the state.", completion: .file())
    var plan: String?

    @OptionGroup var json: JSONOptions

    func run() async throws {
        let console = common.console
        do throws(Diagnostics) {
            if let plan { return try await show(plan, console) }
            let state = try await StateOperation.open(
                common.location, capabilities: Invocation.capabilities, environment: Invocation.environment)
            let snapshot = try await state.snapshot()
            await state.close()
            if json.isAskedFor {
                return StateJSON(
                    snapshot, version: Invocation.capabilities.version, showsSensitive: json.showsSensitive
                ).render { console.write($0) }
            }
            let report = StateReport(console.output)
            for record in snapshot.resources.sorted(by: { $0.address < $1.address }) {
                console.write(report.show(record) + "\n")
            }
            if !snapshot.outputs.isEmpty { console.write(OutputsReport(snapshot.outputs).render(console.output)) }
            if snapshot.resources.isEmpty, snapshot.outputs.isEmpty { console.note("Nothing is recorded.") }
        } catch {
            throw common.failing(error)
        }
    }

    private func show(_ path: String, _ console: Console) async throws(Diagnostics) {
        let (plan, setting) = try await SavedPlan.read(
            path, at: common.location, environment: Invocation.environment)
        if json.isAskedFor {
            PlanJSON(plan, in: setting, showsSensitive: json.showsSensitive).render { console.write($0) }
        } else {
            PlanReport(plan, detail: .full).render(console.output) { console.write($0) }
        }
    }
}
