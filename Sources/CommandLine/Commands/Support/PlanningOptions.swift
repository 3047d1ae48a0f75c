internal import ArgumentParser
internal import Operations
internal import Planning
internal import PlumbModel

/// The options that shape a plan, the same for `plan`, `apply` and `destroy`.
struct PlanningOptions: ParsableArguments {
    @Option(help: "Only this resource and what it needs: an address, a glob, or file:GLOB. May be repeated.")
    var target: [String] = []

    @Option(help: "Not this resource, nor what needs it: an address, a glob, or file:GLOB. May be repeated.")
    var exclude: [String] = []

    @Option(help: "Replace this resource though nothing asks for it. May be repeated.")
    var replace: [String] = []

    @Option(help: ArgumentHelp("Read live values first.", valueName: "true|false"))
    var refresh = true

    @Flag(help: "Record what has changed outside; change nothing.")
    var refreshOnly = false

    @Option(help: "Calls of providers at once. Default: of each, as many as its system takes well.")
    var parallelism: Int?

    func validate() throws {
        if let parallelism, parallelism < 1 { throw ValidationError("--parallelism must be at least 1.") }
        if refreshOnly, !refresh { throw ValidationError("--refresh-only and --refresh=false exclude each other.") }
    }

    func options(_ mode: Plan.Mode) -> PlanOptions {
        PlanOptions(
            mode: refreshOnly ? .refreshOnly : mode, refreshes: refresh, targets: target.map(AddressPattern.init),
            excludes: exclude.map(AddressPattern.init), replaces: replace.map(AddressPattern.init),
            parallelism: parallelism)
    }
}
