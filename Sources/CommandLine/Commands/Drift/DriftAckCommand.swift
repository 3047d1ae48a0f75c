internal import ArgumentParser
internal import Operations
internal import PlumbModel
internal import Reporting

/// `plumb drift ack`
struct DriftAckCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ack", abstract: "Say that drift may stay: it is shown, but counts no more and is not healed.",
        discussion: """
            Examples:
              plumb drift ack local_file.motd --until 7d --reason "changed in the incident"
              plumb drift ack 'local_file.config["web"]' content --reason "as agreed"

            An acknowledgement is for the value that is live now: when somebody writes another one, it is drift again.
            """)

    @OptionGroup var common: StackOptions

    @Argument(help: "The resource that has drifted.")
    var address: String

    @Argument(help: "Only this place of it.")
    var path: String?

    @Option(help: "For so long (7d, 12h), or until then (2026-12-24, in UTC). Left out: for good.")
    var until: Deadline?

    @Option(help: "Why, for others.")
    var reason: String

    func run() async throws {
        do throws(Diagnostics) {
            let state = try await StateOperation.open(
                common.location, capabilities: Invocation.capabilities, environment: Invocation.environment)
            let records = try await DriftNoteOperation(state, holder: Invocation.holder).acknowledge(
                address, path: path, until: try until?.time(), reason: reason)
            await state.close()
            common.console.note("Acknowledged at \(records.count) place\(records.count == 1 ? "" : "s").")
        } catch {
            throw common.failing(error)
        }
    }
}

/// A point in time as people give it: a span from now, or a date.
struct Deadline: ExpressibleByArgument {
    private let text: String
    private let span: Double?
    private let date: Double?

    init?(argument: String) {
        text = argument
        span = Duration.seconds(parsing: argument)
        date = InstantText.seconds(parsing: argument)
        if span == nil, date == nil { return nil }
    }

    /// Seconds since 1970.
    ///
    /// - Throws: where it is over.
    func time() throws(Diagnostics) -> Double {
        let now = Invocation.now
        let time = span.map { now + $0 } ?? date ?? now
        if time > now { return time }
        throw Diagnostics(
            .error("Time is over", "\"\(text)\" is in the past. Give a time to come, or a span such as `7d`."))
    }
}
