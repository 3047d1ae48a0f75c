internal import PlumbModel
internal import Reconciling
internal import Synchronization

/// Counts what the server does, for Prometheus.
final class ServerCounts: Sendable {
    private struct Key: Hashable {
        let operation: String
        let status: Int
    }

    private struct Counts {
        var requests: [Key: Int] = [:]
        /// By operation.
        var durations: [String: DurationHistogram] = [:]
        /// By forge and what became of it.
        var webhooks: [[String]: Int] = [:]
        var failedAuthentications = 0
        var unwrittenAudits = 0
    }

    private let counts = Mutex(Counts())

    func countRequest(_ operation: String, status: Int, _ duration: Duration) {
        let seconds = duration / .seconds(1)
        counts.withLock { counts in
            counts.requests[Key(operation: operation, status: status), default: 0] += 1
            counts.durations[operation, default: DurationHistogram()].observe(seconds)
        }
    }

    func countWebhook(_ forge: WebhookSecret.Forge, _ result: String) {
        counts.withLock { $0.webhooks[[forge.rawValue, result], default: 0] += 1 }
    }

    func countFailedAuthentication() { counts.withLock { $0.failedAuthentications += 1 } }

    func countUnwrittenAudit() { counts.withLock { $0.unwrittenAudits += 1 } }

    func measurements(openConnections: Int, refused: Int, timedOut: Int, streams: Int) -> [Measurement] {
        let counts = counts.withLock { $0 }
        func one(_ name: String, _ kind: Measurement.Kind, _ help: String, _ value: Int) -> Measurement {
            Measurement(name: "plumb_api_\(name)", kind: kind, help: help, value: Double(value))
        }
        var all: [Measurement] = []
        for (key, value) in counts.requests {
            let labels = ["operation": key.operation, "status": "\(key.status)"]
            all.append(
                Measurement(
                    name: "plumb_api_requests_total", kind: .counter, help: "Requests answered.", labels: labels,
                    value: Double(value)))
        }
        for (operation, duration) in counts.durations.sorted(by: { $0.key < $1.key }) {
            all += duration.measurements(
                "plumb_api_request_duration_seconds", "Time until answers began.", ["operation": operation])
        }
        for (key, value) in counts.webhooks {
            all.append(
                Measurement(
                    name: "plumb_webhooks_total", kind: .counter, help: "Webhooks, by what became of them.",
                    labels: ["forge": key[0], "result": key[1]], value: Double(value)))
        }
        return all + [
            one("failed_authentications_total", .counter, "Tokens that nobody has.", counts.failedAuthentications),
            one(
                "unwritten_audits_total", .counter, "Entries that the audit log does not have.", counts.unwrittenAudits),
            one("connections", .gauge, "Open connections.", openConnections),
            one("connections_refused_total", .counter, "Connections above the limit.", refused),
            one("connections_timed_out_total", .counter, "Connections that were too slow.", timedOut),
            one("event_streams", .gauge, "Open streams of events.", streams),
        ]
    }
}
