internal import ArgumentParser
internal import Operations
internal import PlumbModel
internal import Reporting

/// `plumb fmt`
struct FmtCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "fmt", abstract: "Write YAML files in the one layout, and list those that were in another.",
        discussion: """
            Indentation, spaces and empty lines change; what a file says does not, nor its comments, quotes and order. \
            Kubernetes manifests are formatted too. Files that cannot be read stay as they are.

            Examples:
              plumb fmt                      the files of this stack
              plumb fmt --recursive stacks   all YAML files below a folder
              plumb fmt --check --diff       say what would change; exit code 2 if anything
              plumb fmt - < web.yaml         from standard input to standard output
            """)

    @OptionGroup var common: StackOptions

    @Argument(
        help: "Files and directories; - for standard input. Otherwise the stack's directory.", completion: .file())
    var paths: [String] = []

    @Flag(name: .shortAndLong, help: "Also the directories inside, except hidden ones.")
    var recursive = false

    @Flag(help: "Change nothing; exit with 2 if a file is not in the layout.")
    var check = false

    @Flag(help: "Show what differs instead of the names of the files.")
    var diff = false

    @Option(help: ArgumentHelp("Replace the files.", valueName: "true|false"))
    var write = true

    func validate() throws {
        if paths.contains("-"), paths.count > 1 {
            throw ValidationError("- stands for standard input, and takes no files beside it.")
        }
    }

    func run() async throws {
        if paths == ["-"] { return try await formatInput() }
        let console = common.console
        let isBelow = common.directory != "."
        let given = paths.map { isBelow && !$0.hasPrefix("/") ? common.directory + "/" + $0 : $0 }
        let operation = FormatOperation(
            paths: given.isEmpty ? [common.directory] : given, isRecursive: recursive, writes: write && !check)
        let result = await operation.run()
        show(result.changed)
        Invocation.report(result.problems, console)
        if result.problems.hasErrors { throw ExitCode(1) }
        if check, !result.changed.isEmpty { throw ExitCode(2) }
    }

    private func formatInput() async throws {
        do throws(Diagnostics) {
            let file = try await FormatOperation.format(try await StandardInput.read(), named: "(standard input)")
            if diff {
                show(file.isChanged ? [file] : [])
            } else if !check {
                common.console.write(String(decoding: file.after, as: UTF8.self))
            }
            guard check, file.isChanged else { return }
        } catch {
            throw common.failing(error)
        }
        throw ExitCode(2)
    }

    private func show(_ files: [FormattedFile]) {
        let report = FormatReport(files)
        common.console.write(diff ? report.difference(common.console.output) : report.names())
    }
}
