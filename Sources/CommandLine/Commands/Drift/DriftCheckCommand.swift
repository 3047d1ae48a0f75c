internal import Applying
internal import ArgumentParser
internal import Operations
internal import PlumbModel
internal import Reporting

/// `plumb drift check`, which is `plumb drift` alone.
struct DriftCheckCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Look once for what was changed outside; the command that `plumb drift` stands for.",
        discussion: """
            Examples:
              plumb drift
              plumb drift --heal --lock-timeout 5m
              plumb drift --max-age 10m             ask no system where the last check is younger
              plumb drift --all stacks --markdown   every stack below a directory
              plumb drift --json | jq '.stacks[].drift[] | select(.counts)'

            Exit codes: 0 in sync (acknowledged and held drift does not count), 2 drift, 1 failed. With --heal, what was set back \
            does not count. Nothing is asked: --heal does what the rules say, within `sync: {guard: …}`.
            """)

    @OptionGroup var common: StackOptions
    @OptionGroup var variables: VariableOptions
    @OptionGroup var lease: LeaseOptions

    @Flag(help: "Set back what the rules say is to be healed.")
    var heal = false

    @Option(help: "Check every stack below this directory.", completion: .directory)
    var all: String?

    @Option(help: "Take the specs of this Git revision (branch, tag, commit).")
    var rev: String?

    @Option(
        help: ArgumentHelp(
            "Where the last check is younger than this, tell what it found and ask no system.", valueName: "duration"))
    var maxAge: WaitingTime?

    @Flag(help: "As JSON.")
    var json = false

    @Flag(help: "As Markdown, to be posted.")
    var markdown = false

    @Option(help: "Write the result to this file too, as JUnit has it.", completion: .file())
    var junit: String?

    @Option(
        help: "Calls of providers at once in each stack. Default: of each, as many as its system takes well."
    )
    var parallelism: Int?

    func validate() throws {
        if let parallelism, parallelism < 1 { throw ValidationError("--parallelism must be at least 1.") }
        if json, markdown { throw ValidationError("--json and --markdown exclude each other.") }
        if heal, maxAge != nil { throw ValidationError("--heal looks anew: --max-age cannot be given with it.") }
    }

    func run() async throws {
        let document: DriftDocument
        do throws(Diagnostics) {
            let checks = try await checks()
            document = DriftDocument(checks)
            try await tell(checks, document)
        } catch {
            throw common.failing(error)
        }
        if document.exitCode != 0 { throw ExitCode(document.exitCode) }
    }

    private func checks() async throws(Diagnostics) -> [DriftCheck] {
        var locations = [StackLocation(directory: common.directory, revision: rev)]
        var closed: [DriftCheck] = []
        if let all {
            let root = all.hasPrefix("/") || common.directory == "." ? all : "\(common.directory)/\(all)"
            let found = try await StackFinder(directory: root).find()
            locations = found.stacks.map { StackLocation(directory: $0, revision: rev) }
            closed = found.closed.map { DriftCheck(closed: $0, at: Invocation.now) }
        }
        let (arguments, console, control) = (try variables.arguments(), common.console, RunControl())
        let survey = DriftSurvey(
            capabilities: Invocation.capabilities, environment: Invocation.environment, variables: arguments,
            holder: Invocation.holder, policies: Invocation.policies, options: options
        ) { stack, holder in
            console.note("Waiting for \(holder), who is changing the stack \(stack).")
        }
        let checked = Task { await survey.run(locations, control: control) }
        let signals = SignalWatch { stage in
            console.writeError(stage == 1 ? "\nStopping: what runs is finished.\n" : "\nCancelling calls.\n")
            control.stop()
            if stage > 1 { checked.cancel() }
        }
        defer { signals.stop() }
        return await checked.value + closed
    }

    private var options: DriftOperation.Options {
        var options = DriftOperation.Options()
        options.heals = heal
        options.maxAge = maxAge?.seconds
        options.patience = lease.lockTimeout?.seconds ?? 0
        options.parallelism = parallelism
        return options
    }

    private func tell(_ checks: [DriftCheck], _ document: DriftDocument) async throws(Diagnostics) {
        let console = common.console
        for check in checks { Invocation.report(DriftWarnings(check).problems, console) }
        if json {
            console.write(document.json())
        } else if markdown {
            console.write(DriftMarkdown(checks).text())
        } else if all == nil {
            for check in checks
            where !check.problems.hasErrors || !check.findings.isEmpty || !check.unreadable.isEmpty {
                console.write(DriftReport(check).render(console.output))
            }
        } else {
            console.write(DriftTable(checks).render(console.output))
        }
        if let junit { try await FileReplacement.write(Array(DriftJUnit(checks).xml().utf8), to: junit) }
    }
}
