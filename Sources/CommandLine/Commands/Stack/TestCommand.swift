internal import Applying
internal import ArgumentParser
internal import Operations
internal import PlumbModel
internal import Reporting

/// `plumb test`
struct TestCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "test",
        abstract: "Run the stack's tests: plan and apply on a state of their own, assert, destroy.",
        discussion: """
            Examples:
              plumb test
              plumb test tests/web.test.yaml
              plumb test --filter 'creates*'          runs by name, or files by path
              plumb test --verbose                    with the plan of each run
              plumb test --junit-xml report.xml       for GitLab, Jenkins and others

            Test files are called *.test.yaml, and stand beside the stack or in its folder tests. Runs that apply do so for \
            real, unless the file mocks the provider; at the end of a file everything is destroyed, also after Ctrl-C.
            """)

    @OptionGroup var common: StackOptions
    @OptionGroup var variables: VariableOptions

    @Argument(help: "Test files; without any, all of the stack.", completion: .file())
    var files: [String] = []

    @Option(help: "Only runs of this name, or files of this path: a glob. May be repeated.")
    var filter: [String] = []

    @Flag(help: "Show the plan of each run.")
    var verbose = false

    @Flag(help: "Results as JSON, one object a line.")
    var json = false

    @Option(
        name: .customLong("junit-xml"), help: "Write the results to this file, as JUnit has them.", completion: .file())
    var junitXML: String?

    @Option(help: "Calls of providers at once. Default: of each, as many as its system takes well.")
    var parallelism: Int?

    func validate() throws {
        if let parallelism, parallelism < 1 { throw ValidationError("--parallelism must be at least 1.") }
        if verbose, json { throw ValidationError("--verbose and --json exclude each other.") }
    }

    func run() async throws {
        let results: [StackTestResult]
        do throws(Diagnostics) {
            results = try await runTests()
            if let junitXML { try await FileReplacement.write(Array(JUnitReport(results).xml().utf8), to: junitXML) }
        } catch {
            throw common.failing(error)
        }
        if !results.allSatisfy(\.succeeded) { throw ExitCode(1) }
    }

    private func runTests() async throws(Diagnostics) -> [StackTestResult] {
        let console = common.console
        let report = StackTestReport(console.output, isVerbose: verbose)
        let isJSON = json
        let operation = StackTestOperation(
            common.location, capabilities: Invocation.capabilities, environment: Invocation.environment,
            variables: try variables.arguments(), holder: Invocation.holder, policies: Invocation.policies,
            filters: filter, parallelism: parallelism
        ) { event in
            if case .tearingDown(let path) = event { console.note("Destroying what the runs of \(path) have made …") }
            console.write(isJSON ? StackTestDocument.line(event) : report.render(event))
        }
        let results = try await run(operation, console)
        console.write(isJSON ? StackTestDocument.summary(results) : report.summary(results))
        return results
    }

    private func run(
        _ operation: StackTestOperation, _ console: Console
    ) async throws(Diagnostics) -> [StackTestResult] {
        let control = RunControl()
        let files = files
        let task = Task {
            do throws(Diagnostics) {
                return Result<[StackTestResult], Diagnostics>.success(try await operation.run(files, control: control))
            } catch {
                return .failure(error)
            }
        }
        let signals = SignalWatch { stage in
            console.writeError(
                stage == 1
                    ? "\nStopping: what runs is finished, then everything is destroyed. Once more to cancel calls.\n"
                    : "\nCancelling calls.\n")
            control.stop()
            if stage > 1 { task.cancel() }
        }
        defer { signals.stop() }
        return try await task.value.get()
    }
}
