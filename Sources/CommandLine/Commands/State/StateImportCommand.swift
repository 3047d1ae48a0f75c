internal import ArgumentParser
internal import Operations
internal import PlumbModel
internal import Reporting

/// `plumb state import`
struct StateImportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import", abstract: "Record what a Terraform state says is managed.",
        discussion: """
            Examples:
              plumb state import --terraform terraform.tfstate

            Resources keep their addresses; terraform_data becomes data_value. What no configured provider knows is left out and
            listed. Nothing outside is changed. To take over one thing that exists: `plumb import`.
            """)

    @OptionGroup var common: StackOptions
    @OptionGroup var variables: VariableOptions

    @Option(help: "A state file of Terraform (format 4).", completion: .file())
    var terraform: String

    func run() async throws {
        let console = common.console
        do throws(Diagnostics) {
            let session = try await StackSession.open(
                common.location, capabilities: Invocation.capabilities, environment: Invocation.environment,
                variables: try variables.arguments())
            let imported = try await TerraformImportOperation(session, holder: Invocation.holder).run(terraform)
            await session.close()
            for address in imported.recorded { console.write("\(address)\n") }
            for one in imported.skipped { console.writeError("Left out \(one.address): \(one.reason).\n") }
            console.note(
                "Recorded \(imported.recorded.count) resources, left out \(imported.skipped.count). Next: plumb plan")
        } catch {
            throw common.failing(error)
        }
    }
}
