internal import ArgumentParser
internal import Operations
internal import PlumbModel
internal import Reporting

/// `plumb secret edit`
struct SecretEditCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "edit", abstract: "Change an encrypted file in an editor; make it if there is none.",
        discussion: """
            Examples:
              plumb secret edit prod.vars.yaml
              EDITOR='code --wait' plumb secret edit tls.key.age

            The clear text stands in memory where the system has a place for that (XDG_RUNTIME_DIR, /dev/shm), and is removed \
            in any case. Values that are not changed keep their encrypted form, so that a difference shows the others.
            The editor is SOPS_EDITOR, VISUAL or EDITOR.
            """)

    @OptionGroup var common: SecretOptions
    @OptionGroup var recipients: RecipientOptions

    @Argument(help: "The file.", completion: .file())
    var file: String

    func run() async throws {
        let console = common.console
        do throws(Diagnostics) {
            let editing = SecretEditing(environment: Invocation.environment, recipients.options) { console.note($0) }
            let ending = try await editing.edit(file) { problems in
                guard VariablePrompt.isPossible else { return false }
                Invocation.report(problems, console)
                console.writeError("Edit again? Otherwise nothing is changed. [Y/n] ")
                return readLine().map { !$0.lowercased().hasPrefix("n") } ?? false
            }
            if case .unchanged = ending { console.note("\(file) was not changed.") }
        } catch {
            throw common.failing(error)
        }
    }
}
