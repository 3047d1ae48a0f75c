import PlumbModel
import ProviderAPI
import ProviderTesting
import Synchronization

/// Instances whose next changing request meets a fault, in a proxy before the real server.
enum FaultyInstances {
    /// Proxies live until the test process ends: an instance does not know of its own.
    private static let proxies = Mutex<[FaultyProxy]>([])

    /// `request` is the first one that meets the fault, as `Tests/Services/faulty-server` has it.
    static func make(
        _ fault: Fault, upstream: Int, on request: String = "CHANGE /",
        _ instance: (_ proxyURL: String) throws -> any ProviderInstance
    ) async throws -> any ProviderInstance {
        let proxy = try await FaultyProxy(upstream: upstream)
        proxies.withLock { $0.append(proxy) }
        let order =
            switch fault {
            case .throttling: #""do": "status", "status": 429, "headers": {"Retry-After": "0"}"#
            case .serverError: #""do": "status", "status": 500"#
            case .timeout: #""do": "hang""#
            case .lostResponse: #""do": "drop-after""#
            }
        try await proxy.order("[{\"on\": \"\(request)\", \(order)}]")
        return try instance(proxy.url)
    }
}
