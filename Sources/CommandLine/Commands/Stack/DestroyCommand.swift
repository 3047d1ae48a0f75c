internal import ArgumentParser
internal import Operations
internal import PlumbModel
internal import Reporting

/// `plumb destroy`
struct DestroyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "destroy", abstract: "Destroy what the stack has made.",
        discussion: """
            Examples:
              plumb destroy
              plumb destroy --target 'powerdns_record_set.*'
            """)

    @OptionGroup var common: StackOptions
    @OptionGroup var variables: VariableOptions
    @OptionGroup var planning: PlanningOptions
    @OptionGroup var prompts: PromptOptions
    @OptionGroup var lease: LeaseOptions

    @Flag(help: "Do not ask.")
    var autoApprove = false

    func validate() throws {
        if planning.refreshOnly { throw ValidationError("--refresh-only does not go with destroy.") }
    }

    func run() async throws {
        let code: ExitCode
        do throws(Diagnostics) {
            code = try await PlanAndApply(
                common: common, variables: variables, planning: planning, prompts: prompts, lease: lease,
                autoApprove: autoApprove
            ).run(.destroy, question: "Shall Plumbline destroy all of this? It cannot be undone.")
        } catch {
            throw common.failing(error)
        }
        if code.rawValue != 0 { throw code }
    }
}
