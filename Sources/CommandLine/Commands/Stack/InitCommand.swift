internal import ArgumentParser
internal import Operations
internal import PlumbModel
internal import Reporting

/// `plumb init`
struct InitCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "init", abstract: "Make a stack in a directory: stack.yaml, a first spec, .gitignore.")

    @OptionGroup var common: StackOptions

    @Option(help: "The stack's name; otherwise the directory's.")
    var name: String?

    func run() async throws {
        let console = common.console
        do throws(Diagnostics) {
            let made = try await InitOperation(directory: common.directory, name: name).run()
            for path in made { console.note("  made \(path)") }
            console.write("The stack is ready. Next: plumb plan\n")
        } catch {
            throw common.failing(error)
        }
    }
}
