internal import ArgumentParser
internal import Operations
internal import PlumbModel
internal import Reporting

/// `plumb state`
struct StateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "state", abstract: "Look into the recorded state, and mend it.",
        subcommands: [
            StateListCommand.self, StateShowCommand.self, StateHistoryCommand.self, StateDiffCommand.self,
            StateMoveCommand.self, StateRemoveCommand.self, StateImportCommand.self, StateRollbackCommand.self,
            StateVerifyCommand.self, StateBackupCommand.self, StatePullCommand.self, StatePushCommand.self,
            StateRekeyCommand.self, StateMigrateCommand.self, StateUnlockCommand.self,
        ])
}

/// `plumb state list`
struct StateListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List the addresses of recorded resources.",
        discussion: """
            Examples:
              plumb state list
              plumb state list 'powerdns_*'
            """)

    @OptionGroup var common: StackOptions

    @Argument(help: "Only addresses that match one of these patterns.")
    var patterns: [String] = []

    func run() async throws {
        try await common.reading { (snapshot, _) throws(Diagnostics) in
            let records =
                patterns.isEmpty
                ? snapshot.resources : snapshot.resources.filter { StateOperation.matches($0.address, patterns) }
            common.console.write(StateReport(common.console.output).list(records))
        }
    }
}

/// `plumb state show`
struct StateShowCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Show what is recorded of one resource.",
        discussion: """
            Examples:
              plumb state show local_file.motd
              plumb state show 'module.net["eu"].local_file.config'
            """)

    @OptionGroup var common: StackOptions

    @Argument(help: "Its address.")
    var address: String

    func run() async throws {
        try await common.reading { (snapshot, _) throws(Diagnostics) in
            let records = try StateOperation.records(at: address, in: snapshot)
            let report = StateReport(common.console.output)
            common.console.write(records.map(report.show).joined(separator: "\n"))
        }
    }
}

/// `plumb state history`
struct StateHistoryCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "history", abstract: "Show what runs changed, newest first.",
        discussion: """
            Examples:
              plumb state history                  runs
              plumb state history local_file.motd  the changes of one resource
            """)

    @OptionGroup var common: StackOptions

    @Argument(help: "The address of a resource; without it, the runs are listed.")
    var address: String?

    @Option(help: "How many at most.")
    var limit = 20

    func run() async throws {
        try await common.reading { (_, state) throws(Diagnostics) in
            let report = StateReport(common.console.output)
            if let address {
                let entries = try await state.history(of: address, limit: limit)
                common.console.write(report.history(entries))
            } else {
                common.console.write(report.runs(try await state.runs(limit: limit)))
            }
        }
    }
}

extension StackOptions {
    /// Opens the state, does something with it, and lets go of it.
    func withState(_ body: (StateOperation) async throws(Diagnostics) -> Void) async throws {
        do throws(Diagnostics) {
            let state = try await StateOperation.open(
                location, capabilities: Invocation.capabilities, environment: Invocation.environment)
            do throws(Diagnostics) {
                try await body(state)
            } catch {
                await state.close()
                throw error
            }
            await state.close()
        } catch {
            throw failing(error)
        }
    }

    /// Opens the state, reads it once, and lets go of it.
    fileprivate func reading(
        _ body: (StateSnapshot, StateOperation) async throws(Diagnostics) -> Void
    ) async throws {
        do throws(Diagnostics) {
            let state = try await StateOperation.open(
                location, capabilities: Invocation.capabilities, environment: Invocation.environment)
            try await body(try await state.snapshot(), state)
            await state.close()
        } catch {
            throw failing(error)
        }
    }
}
