internal import ArgumentParser
internal import Operations
internal import Reporting

/// `plumb version`
struct VersionCommand: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "version", abstract: "Show the version.")

    func run() {
        Console(noColorFlag: true, quiet: false).write("Plumbline \(Invocation.capabilities.version)\n")
    }
}
