internal import ArgumentParser

/// The options of commands that also write for programs.
struct JSONOptions: ParsableArguments {
    @Flag(name: .customLong("json"), help: "As JSON, in Terraform's format; secrets are masked.")
    var isAskedFor = false

    @Flag(name: .customLong("show-sensitive"), help: "With --json: write secrets as they are.")
    var showsSensitive = false

    func validate() throws {
        if showsSensitive, !isAskedFor { throw ValidationError("--show-sensitive needs --json.") }
    }
}
