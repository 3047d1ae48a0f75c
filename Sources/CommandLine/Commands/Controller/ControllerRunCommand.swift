internal import ArgumentParser
internal import Dispatch
internal import Logging
internal import Operations
internal import PlumbModel
internal import Reconciling
internal import Reporting

#if canImport(Glibc)
    internal import Glibc
#endif

/// `plumb controller run`, which is `plumb controller` alone.
struct ControllerRunCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run", abstract: "Run the controller; the command that `plumb controller` stands for.",
        discussion: """
            Examples:
              plumb controller --config controller.yaml
              plumb controller --config controller.yaml --once

            SIGTERM ends it: nothing new is begun, and what runs is finished, for as long as `shutdown` says. SIGHUP reads the \
            configuration anew; so does a change of the file. One that is wrong is refused, and the old one goes on.

            Logs go to standard error, a line of JSON each. Exit codes of --once: 0 converged, 1 something failed or needs a \
            person, 2 something waits.
            """)

    @Option(help: "The configuration.", completion: .file())
    var config: String

    @Flag(help: "Reconcile everything once, and end.")
    var once = false

    func run() async throws {
        let logger = Logger(label: "plumb.controller") { _ in JSONLogHandler() }
        let controller: Controller
        let file = ControllerFile(config)
        do throws(Diagnostics) {
            let configuration = try await file.read()
            Invocation.report(configuration.warnings)
            controller = try await make(configuration, logger)
        } catch {
            Invocation.report(error)
            throw ExitCode(1)
        }
        let signals = SignalWatch { _ in Task { await controller.end() } }
        defer { signals.stop() }
        var code: Int32 = 0
        do throws(Diagnostics) {
            if once {
                code = try await controller.runOnce()
            } else {
                let reloading = ConfigurationWatch(file) { await controller.reload($0) }
                defer { reloading.stop() }
                try await controller.run()
            }
        } catch {
            Invocation.report(error)
            throw ExitCode(1)
        }
        if code != 0 { throw ExitCode(code) }
    }

    private func make(
        _ configuration: ControllerConfiguration, _ logger: Logger
    ) async throws(Diagnostics) -> Controller {
        try await controllerFolder(configuration.directory)
        let store = try ControllerStoreOpening(
            capabilities: Invocation.capabilities, environment: Invocation.environment
        ).open(configuration.state, directory: configuration.directory)
        return Controller(
            configuration, capabilities: Invocation.capabilities, environment: Invocation.environment,
            holder: Invocation.holder, store: store, logger: logger)
    }

    private func controllerFolder(_ path: String) async throws(Diagnostics) {
        try await BlockingWork.run { () throws(Diagnostics) in try PrivateFolder.make(path) }
    }
}
