import BuiltinProvider
import Commands
import HTTPProvider
import Operations
import PlumbModel
import SQLiteBackend
import StateBackendAPI

// The one place that names providers and state backends.
let capabilities = Capabilities(
    providers: [BuiltinProvider(), HTTPProvider()],
    stateBackends: [.sqlite],
    version: "0.1.0")

await PlumbCommand.run(capabilities)
