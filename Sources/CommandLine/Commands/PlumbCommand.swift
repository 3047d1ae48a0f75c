public import ArgumentParser
public import Operations
internal import PlumbModel
internal import Reporting

#if canImport(Glibc)
    internal import Glibc
#endif

/// `plumb`: the root of all commands.
public struct PlumbCommand: AsyncParsableCommand {
    public static let configuration = CommandConfiguration(
        commandName: "plumb",
        abstract: "Holds infrastructure true to its specs: plans, applies, and shows what drifted.",
        discussion: """
            Examples:
              plumb init                     make a stack in this directory
              plumb plan                     show what an apply would do
              plumb apply                    plan, ask, and do it
              plumb plan --out p && plumb apply p
              plumb -C stacks/dns destroy    destroy all that a stack has made
            """,
        groupedSubcommands: [
            CommandGroup(
                name: "Work:",
                subcommands: [
                    InitCommand.self, FmtCommand.self, ValidateCommand.self, PlanCommand.self, ApplyCommand.self,
                    DestroyCommand.self, RollbackCommand.self, DriftCommand.self, HoldCommand.self, UnholdCommand.self,
                    ImportCommand.self, TestCommand.self, PullRequestCommand.self, ControllerCommand.self,
                ]),
            CommandGroup(
                name: "Look:",
                subcommands: [
                    OutputCommand.self, ShowCommand.self, ExplainCommand.self, ConsoleCommand.self, GraphCommand.self,
                    SchemaCommand.self, ScanCommand.self, StateCommand.self,
                ]),
            CommandGroup(
                name: "Other:",
                subcommands: [SecretCommand.self, APICommand.self, VersionCommand.self, CompletionCommand.self]),
        ])

    public init() {}

    /// Runs the command line of this process and ends it.
    ///
    /// Exit codes: 0 done, 1 failed (also for a wrong command line), 2 changes pending.
    public static func run(_ capabilities: Capabilities) async -> Never {
        CrashSilence.begin()
        Passphrases.ask { HiddenPrompt.ask($0) }
        let code = await Invocation.$capabilities.withValue(capabilities) { await exitCode() }
        Glibc.exit(code)
    }

    private static func exitCode() async -> Int32 {
        do {
            let arguments = Array(CommandLine.arguments.dropFirst()).movingDirectoryOption().askingForVersion()
            try CommandNameCheck(root: self).check(arguments)
            var command = try parseAsRoot(arguments)
            if var asynchronous = command as? any AsyncParsableCommand {
                try await asynchronous.run()
            } else {
                try command.run()
            }
            return 0
        } catch let diagnostics as Diagnostics {
            Invocation.report(diagnostics)
            return 1
        } catch {
            return report(error)
        }
    }

    /// Help goes to standard output and succeeds; a wrong command line goes to standard error and fails.
    private static func report(_ error: any Error) -> Int32 {
        if let code = error as? ExitCode { return code.rawValue }
        let isHelp = exitCode(for: error).isSuccess
        let message = fullMessage(for: error)
        let console = Console(noColorFlag: false, quiet: false)
        if isHelp { console.write(message + "\n") } else { console.writeError(message + "\n") }
        return isHelp ? 0 : 1
    }
}

extension [String] {
    /// `plumb --version` is `plumb version`, as people try with any command.
    fileprivate func askingForVersion() -> [String] { self == ["--version"] ? ["version"] : self }

    /// `plumb -C dir plan` is `plumb plan -C dir`: the option may stand before the command, as with git and make.
    fileprivate func movingDirectoryOption() -> [String] {
        guard first == "-C", count > 2 else { return self }
        let rest = Array(dropFirst(2))
        // Behind the last subcommand word: options of a command may stand anywhere after it.
        let words = rest.prefix { !$0.hasPrefix("-") }
        let isNested =
            ["state", "secret", "api", "pr"].contains(words.first)
            || (words.first == "drift" && words.dropFirst().first.map(DriftCommand.subcommandNames.contains) ?? false)
            || (words.first == "controller"
                && words.dropFirst().first.map(ControllerCommand.subcommandNames.contains) ?? false)
        let depth = Swift.min(isNested ? 2 : 1, words.count)
        return Array(rest.prefix(depth)) + ["-C", self[1]] + rest.dropFirst(depth)
    }
}
