import BuiltinProvider
import CMalloc
import Commands
import HTTPProvider
import KubernetesProvider
import LibvirtProvider
import Operations
import PlumbModel
import PostgreSQLBackend
import SQLiteBackend
import StateBackendAPI

// The one place that names providers and state backends.
let version = "0.1.0"
let capabilities = Capabilities(
    providers: [
        BuiltinProvider(), HTTPProvider(version: version), KubernetesProvider(version: version),
        LibvirtProvider(version: version),
    ],
    stateBackends: [.sqlite, .postgres],
    version: version)

plumb_return_large_blocks(128 * 1024)
await PlumbCommand.run(capabilities)
