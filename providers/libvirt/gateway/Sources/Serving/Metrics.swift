import HTTPServing
import Synchronization

/// Counts what the gateway does, for Prometheus.
final class Metrics: Sendable {
    private struct Counts {
        /// By operation and status.
        var requests: [Key: (count: Int, seconds: Double)] = [:]
        var calls = (count: 0, seconds: 0.0)
        var bytesReceived = 0
        var bytesSent = 0
    }

    private struct Key: Hashable {
        let operation: String
        let status: Int
    }

    private let counts = Mutex(Counts())
    let connections = ConnectionCounts()

    func countRequest(_ operation: String, status: Int, _ duration: Duration) {
        counts.withLock { counts in
            counts.requests[Key(operation: operation, status: status), default: (0, 0)].count += 1
            counts.requests[Key(operation: operation, status: status), default: (0, 0)].seconds += duration.seconds
        }
    }

    func countCall(_ duration: Duration) {
        counts.withLock { counts in
            counts.calls.count += 1
            counts.calls.seconds += duration.seconds
        }
    }

    func countBytes(received: Int = 0, sent: Int = 0) {
        counts.withLock { counts in
            counts.bytesReceived += received
            counts.bytesSent += sent
        }
    }

    func text(isConnected: Bool, listeners: Int, runningTasks: Int) -> String {
        let counts = counts.withLock { $0 }
        var lines: [String] = []
        func add(_ name: String, _ kind: String, _ help: String, _ samples: [(String, String)]) {
            lines.append("# HELP plumb_libvirt_gateway_\(name) \(help)")
            lines.append("# TYPE plumb_libvirt_gateway_\(name) \(kind)")
            for (labels, value) in samples { lines.append("plumb_libvirt_gateway_\(name)\(labels) \(value)") }
        }
        let requests = counts.requests.sorted { ($0.key.operation, $0.key.status) < ($1.key.operation, $1.key.status) }
        func labels(_ key: Key) -> String { "{operation=\"\(key.operation)\",status=\"\(key.status)\"}" }
        add("requests_total", "counter", "Requests answered.", requests.map { (labels($0.key), "\($0.value.count)") })
        add(
            "request_seconds_total", "counter", "Time until their answers began.",
            requests.map { (labels($0.key), "\($0.value.seconds)") })
        add("libvirt_calls_total", "counter", "Pieces of work on libvirt.", [("", "\(counts.calls.count)")])
        add("libvirt_call_seconds_total", "counter", "Their time, with waiting.", [("", "\(counts.calls.seconds)")])
        add("libvirt_connected", "gauge", "Whether libvirt can be reached.", [("", isConnected ? "1" : "0")])
        add("connections", "gauge", "Open connections.", [("", "\(connections.open)")])
        add("connections_refused_total", "counter", "Above the limit.", [("", "\(connections.refused)")])
        add("connections_timed_out_total", "counter", "Too slow.", [("", "\(connections.timedOut)")])
        add("volume_bytes_received_total", "counter", "Uploads.", [("", "\(counts.bytesReceived)")])
        add("volume_bytes_sent_total", "counter", "Downloads.", [("", "\(counts.bytesSent)")])
        add("event_listeners", "gauge", "Open streams of events.", [("", "\(listeners)")])
        add("tasks_running", "gauge", "Tasks that have not ended.", [("", "\(runningTasks)")])
        return lines.joined(separator: "\n") + "\n"
    }
}

extension Duration {
    var seconds: Double {
        Double(components.seconds) + Double(components.attoseconds) / 1e18
    }
}
