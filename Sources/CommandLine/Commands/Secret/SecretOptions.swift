internal import ArgumentParser
internal import Operations
internal import PlumbModel
internal import Reporting

/// How a secret command speaks.
struct SecretOptions: ParsableArguments {
    @Flag(name: .long, help: "No colours (also: NO_COLOR=1).")
    var noColor = false

    @Flag(name: .shortAndLong, help: "Results and problems alone: no notes.")
    var quiet = false

    var console: Console { Console(noColorFlag: noColor, quiet: quiet) }
    var operation: SecretOperation { SecretOperation(environment: Invocation.environment) }

    func failing(_ problems: Diagnostics) -> ExitCode {
        Invocation.report(problems, console)
        return ExitCode(1)
    }
}

extension SecretOptions {
    func reencrypt(_ file: String, _ recipients: [String], rotates: Bool) async throws(Diagnostics) {
        var options = SecretOperation.Options()
        options.recipients = recipients
        let bytes = try await SecretTarget.read(file)
        let result = try await operation.reencrypt(bytes, path: file, options, rotates: rotates)
        try await FileReplacement.write(result, to: file, mode: 0o600)
    }
}
