internal import Applying
internal import ArgumentParser
internal import Operations
internal import PlumbModel
internal import Reporting

/// How long to wait for a stack that somebody else is changing.
struct LeaseOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Wait so long for others who change the stack: 90s, 5m. Without it, for none but who only writes a note.",
            valueName: "duration"))
    var lockTimeout: WaitingTime?

    /// Takes the stack, and tells whom it waits for.
    ///
    /// - Returns: nil where no waiting is asked for: then the apply takes it.
    func hold(
        _ operation: ApplyOperation, control: RunControl, _ console: Console
    ) async throws(Diagnostics) -> HeldStack? {
        guard let lockTimeout else { return nil }
        return try await operation.hold(control: control, patience: lockTimeout.seconds) { holder in
            console.note("Waiting up to \(lockTimeout.text) for \(holder), who is changing the stack.")
        }
    }
}

/// A time as people write it on the command line: `90s`, `5m`, `1h30m`, `500ms`.
struct WaitingTime: ExpressibleByArgument {
    let seconds: Double
    let text: String

    private static let units: [String: Double] = ["ms": 0.001, "s": 1, "m": 60, "h": 3600]

    init?(argument: String) {
        var seconds = 0.0
        var rest = argument[...]
        while !rest.isEmpty {
            let digits = rest.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
            rest = rest.dropFirst(digits.count)
            let unit = rest.prefix { $0.isLetter }
            rest = rest.dropFirst(unit.count)
            guard let number = Double(digits), let factor = Self.units[String(unit)] else { return nil }
            seconds += number * factor
        }
        // Beyond a day nobody waits; what is longer is a mistake.
        guard !argument.isEmpty, seconds <= 86_400 else { return nil }
        self.seconds = seconds
        text = argument
    }
}
