internal import ArgumentParser
internal import Operations
internal import Planning
internal import PlumbModel
internal import Reporting

/// `plumb plan`
struct PlanCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plan", abstract: "Show what an apply would do; change nothing.",
        discussion: """
            Examples:
              plumb plan
              plumb plan --out release.plan         save it, for `plumb apply release.plan`
              plumb plan --rev origin/main          plan a revision without checking it out
              plumb plan --target 'powerdns_*.web*' --exclude file:legacy.yaml
              plumb plan --detailed-exitcode        exit code 2 when there are changes
              plumb plan --json | conftest test -   in the format of Terraform's plans
            """)

    @OptionGroup var common: StackOptions
    @OptionGroup var variables: VariableOptions
    @OptionGroup var planning: PlanningOptions
    @OptionGroup var prompts: PromptOptions

    @Option(help: "Plan this Git revision (branch, tag, commit) instead of the directory's files.")
    var rev: String?

    @Option(help: "Save the plan to this file.", completion: .file())
    var out: String?

    @Flag(help: "Plan the destruction of everything.")
    var destroy = false

    @Flag(help: "Exit with 2 when there are changes.")
    var detailedExitcode = false

    @OptionGroup var json: JSONOptions

    func validate() throws {
        if destroy, planning.refreshOnly { throw ValidationError("--destroy and --refresh-only exclude each other.") }
    }

    func run() async throws {
        let plan: Plan
        do throws(Diagnostics) {
            plan = try await makePlan(common.console)
        } catch {
            throw common.failing(error)
        }
        // What they say stands in the plan; here it is for scripts.
        if plan.policies.contains(where: \.refuses) { throw ExitCode(1) }
        if detailedExitcode, !plan.isEmpty { throw ExitCode(2) }
    }

    private func makePlan(_ console: Console) async throws(Diagnostics) -> Plan {
        let session = try await StackSession.open(
            StackLocation(directory: common.directory, revision: rev), capabilities: Invocation.capabilities,
            environment: Invocation.environment, variables: try variables.arguments(),
            asking: prompts.asking(common))
        let making = PlanMaking(console: console, session: session)
        let result = try await making.make(planning.options(destroy ? .destroy : .normal))
        let setting = json.isAskedFor || out != nil ? PlanOperation(session).setting(of: result) : PlanSetting()
        if json.isAskedFor {
            making.warn(result)
            PlanJSON(result.plan, in: setting, showsSensitive: json.showsSensitive).render { console.write($0) }
        } else {
            making.show(result)
        }
        if let out {
            try await PlanOperation(session).save(result.plan, in: setting, to: out)
            console.note("\nSaved the plan. To do exactly this: plumb apply \(out)")
        }
        await session.close()
        return result.plan
    }
}
