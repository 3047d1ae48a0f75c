internal import ArgumentParser
internal import Dispatch
internal import Logging
internal import Operations
internal import PlumbModel
internal import Reconciling
internal import Reporting
internal import Serving
internal import StateBackendAPI

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
              plumb controller --config controller.yaml --once    for CI: everything once, and end
              plumb controller check controller.yaml              tell first what is wrong with the configuration

            It follows the `repositories` of the configuration, plans and applies what is new in their stacks, and looks for drift. \
            With `server` it also serves a page for people, an API, metrics and webhooks (http://127.0.0.1:8470 unless it says \
            otherwise); what waits for somebody is approved there.

            SIGTERM ends it: nothing new is begun, and what runs is finished, for as long as `shutdown` says. SIGHUP reads the \
            configuration anew; so does a change of the file. One that is wrong is refused, and the old one goes on.

            Logs go to standard error, a line of JSON each. Exit codes of --once: 0 converged, 1 something failed or needs a \
            person, 2 something waits. --once looks at no pull requests: in CI, `plumb pr` does.
            """)

    @Option(help: "The configuration.", completion: .file())
    var config: String

    @Flag(help: "Reconcile everything once, and end.")
    var once = false

    func run() async throws {
        let logger = Logger(label: "plumb.controller") { _ in JSONLogHandler() }
        let controller: Controller
        let store: any ControllerStore
        let state: SharedState
        let server: ControllerServer?
        let file = ControllerFile(config, environment: Invocation.environment)
        do throws(Diagnostics) {
            let configuration = try await file.read()
            logger.tell(configuration.warnings)
            store = try await openStore(configuration)
            state = try SharedState.open(
                configuration.state, directory: configuration.directory, capabilities: Invocation.capabilities,
                environment: Invocation.environment)
            controller = Controller(
                configuration, capabilities: Invocation.capabilities, environment: Invocation.environment,
                holder: Invocation.holder, store: store, state: state, logger: logger)
            server = try configuration.server.flatMap { settings throws(Diagnostics) in
                once ? nil : try ControllerServer(settings, plane: controller, store: store, logger: logger)
            }
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
                let reloading = ConfigurationWatch(file) { reading in
                    await controller.reload(reading)
                    if case .success(let new) = reading, let settings = new.server { await server?.update(settings) }
                }
                defer { reloading.stop() }
                try await run(controller, server, logger)
            }
        } catch {
            Invocation.report(error)
            await state.close()
            await store.close()
            throw ExitCode(1)
        }
        await state.close()
        await store.close()
        if code != 0 { throw ExitCode(code) }
    }

    /// Serves as long as the controller works. A server that cannot, ends the controller: somebody counts on it.
    private func run(
        _ controller: Controller, _ server: ControllerServer?, _ logger: Logger
    ) async throws(Diagnostics) {
        guard let server else { return try await controller.run() }
        let serving = Task {
            do throws(Diagnostics) {
                try await server.run { logger.info("serving", metadata: ["address": "\($0)"]) }
                return Result<Void, Diagnostics>.success(())
            } catch {
                await controller.end()
                return .failure(error)
            }
        }
        let worked: Result<Void, Diagnostics>
        do throws(Diagnostics) {
            worked = .success(try await controller.run())
        } catch {
            worked = .failure(error)
        }
        await server.stop()
        let served = await serving.value
        try worked.get()
        try served.get()
    }

    private func openStore(
        _ configuration: ControllerConfiguration
    ) async throws(Diagnostics) -> any ControllerStore {
        try await BlockingWork.run { () throws(Diagnostics) in
            try PrivateFolder.make(configuration.directory, for: .controller)
        }
        return try ControllerStoreOpening(
            capabilities: Invocation.capabilities, environment: Invocation.environment
        ).open(configuration.state, directory: configuration.directory)
    }
}
