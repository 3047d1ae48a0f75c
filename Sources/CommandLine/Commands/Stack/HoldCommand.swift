internal import ArgumentParser
internal import Operations
internal import PlumbModel
internal import Reporting

/// `plumb hold`
struct HoldCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "hold", abstract: "Freeze a resource, a module or the stack: it is neither applied nor healed.",
        discussion: """
            Examples:
              plumb hold libvirt_domain.web --until 4h --reason "incident 4711"
              plumb hold module.net --reason "being moved by hand"
              plumb hold --reason "release freeze" --until 2026-12-24
              plumb hold --list                      what is held, by whom, until when, and why; with --json, for programs

            Every plan says what is held, until when, and why. A saved plan that touches it is refused.
            """)

    @OptionGroup var common: StackOptions

    @Argument(help: "A resource, an instance or a module; left out: the whole stack.")
    var address: String?

    @Option(help: "For so long (4h, 7d), or until then (2026-12-24, in UTC). Left out: until `plumb unhold`.")
    var until: Deadline?

    @Option(help: "Why, for others.")
    var reason: String?

    @Flag(help: "Show what is held; place no hold.")
    var list = false

    @Flag(help: "With --list: as JSON.")
    var json = false

    func validate() throws {
        if list, address != nil || until != nil || reason != nil {
            throw ValidationError(
                "--list shows all that is held: no address, --until or --reason can be given with it.")
        }
        if !list, json { throw ValidationError("--json is for --list.") }
        if !list, reason == nil {
            throw ValidationError("--reason is missing: say why, for others, or give --list to see what is held.")
        }
    }

    func run() async throws {
        do throws(Diagnostics) {
            if list { return try await show() }
            let state = try await StateOperation.open(
                common.location, capabilities: Invocation.capabilities, environment: Invocation.environment)
            let (hold, warnings) = try await DriftNoteOperation(state, holder: Invocation.holder).hold(
                address, until: try until?.time(), reason: reason ?? "")
            await state.close()
            Invocation.report(warnings, common.console)
            let end = hold.until.map { " until \(InstantText.utc($0))" } ?? ""
            common.console.note("Held\(end): \(address ?? "the stack").")
        } catch {
            throw common.failing(error)
        }
    }
}

extension HoldCommand {
    private func show() async throws(Diagnostics) {
        let state = try await StateOperation.open(
            common.location, capabilities: Invocation.capabilities, environment: Invocation.environment)
        let notes = try await DriftNoteOperation(state, holder: Invocation.holder).notes()
        await state.close()
        let (console, now) = (common.console, Invocation.now)
        if json {
            console.write(DriftRecordDocument(nil, notes.holds, at: now).json())
        } else {
            let active = notes.holds.filter { $0.isActive(at: now) }
            console.write(HoldReport(active).render(console.output))
        }
    }
}

/// `plumb unhold`
struct UnholdCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "unhold", abstract: "End a hold.",
        discussion: """
            Examples:
              plumb unhold libvirt_domain.web
              plumb unhold                       the one of the whole stack
            """)

    @OptionGroup var common: StackOptions

    @Argument(help: "The address that it was placed on; left out: the whole stack.")
    var address: String?

    func run() async throws {
        do throws(Diagnostics) {
            let state = try await StateOperation.open(
                common.location, capabilities: Invocation.capabilities, environment: Invocation.environment)
            try await DriftNoteOperation(state, holder: Invocation.holder).release(address)
            await state.close()
            common.console.note("No longer held: \(address ?? "the stack").")
        } catch {
            throw common.failing(error)
        }
    }
}
