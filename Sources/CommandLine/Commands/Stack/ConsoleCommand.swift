internal import ArgumentParser
internal import Operations
internal import PlumbModel
internal import Reporting

#if canImport(Glibc)
    internal import Glibc
#endif

/// `plumb console`
struct ConsoleCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "console", abstract: "Evaluate expressions against the stack.",
        discussion: """
            In a terminal it asks for one expression after the other; `exit` or Ctrl-D ends it. Otherwise each line \
            of the standard input is one. Resources have their recorded values. Where the directory holds no stack, \
            functions and the files of the directory can be used.

            Examples:
              plumb console
              echo 'cidrsubnet("10.0.0.0/8", 8, 2)' | plumb console
              echo 'local.zones' | plumb console --json | jq
            """)

    @OptionGroup var common: StackOptions
    @OptionGroup var variables: VariableOptions

    @Flag(help: "Answer each expression with one line: a JSON value, or {\"error\": ...}.")
    var json = false

    func run() async throws {
        let operation: ConsoleOperation
        do throws(Diagnostics) {
            operation = try await ConsoleOperation.open(
                common.location, capabilities: Invocation.capabilities, environment: Invocation.environment,
                variables: try variables.arguments())
        } catch {
            throw common.failing(error)
        }
        let dialogue = ConsoleDialogue(operation: operation, console: common.console, answersJSON: json)
        let succeeded = await dialogue.run()
        await operation.close()
        if !succeeded { throw ExitCode(1) }
    }
}

/// Reads expressions from the standard input and answers each.
private struct ConsoleDialogue {
    let operation: ConsoleOperation
    let console: Console
    let answersJSON: Bool

    /// - Returns: false where an expression of a script had no value. In a terminal, and in JSON, the answer says it.
    func run() async -> Bool {
        let isTerminal = isatty(STDIN_FILENO) == 1
        Invocation.report(operation.warnings, console)
        var failures = 0
        var pending = ""
        while true {
            if isTerminal { console.writeError(pending.isEmpty ? "> " : ": ") }
            guard let line = await StandardInput.line() else { break }
            let word = line.trimmingSpaces
            if pending.isEmpty {
                if word.isEmpty { continue }
                if word == "exit" || word == "quit" { return failures == 0 || isTerminal || answersJSON }
            }
            let text = pending.isEmpty ? line : pending + "\n" + line
            // An empty line gives up what is unfinished. In a script each line stands alone.
            if isTerminal, !word.isEmpty, ConsoleOperation.isUnfinished(text) {
                pending = text
                continue
            }
            pending = ""
            if !answer(text) { failures += 1 }
        }
        if isTerminal { console.writeError("\n") }
        return failures == 0 || isTerminal || answersJSON
    }

    private func answer(_ text: String) -> Bool {
        do throws(Diagnostics) {
            let report = ConsoleReport(try operation.evaluate(text))
            console.write(answersJSON ? report.json() : report.render())
            return true
        } catch {
            if answersJSON { console.write(ConsoleReport.json(error)) } else { Invocation.report(error, console) }
            return false
        }
    }
}
