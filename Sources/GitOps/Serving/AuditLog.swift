internal import Logging
internal import PlumbModel
internal import StateBackendAPI

/// Notes who was refused what: in the log `audit`, and in the controller's own.
struct AuditLog: Sendable {
    let store: any ControllerStore
    let counts: ServerCounts
    /// How many refusals of one address are noted: the others are counted.
    let limit: FailureLimit
    /// How many refusals of strangers are noted, whatever their addresses: they must not push what matters out of the log.
    let strangers: FailureLimit
    let logger: Logger

    /// - Parameter now: seconds since 1970.
    func note(_ entry: AuditEntry, now: Double) async {
        let isStranger = entry.actor.isEmpty || entry.action == "webhook"
        guard limit.spend(entry.address), !isStranger || strangers.spend("all") else {
            return counts.countUnwrittenAudit()
        }
        logger.notice(
            "refused",
            metadata: [
                "action": "\(entry.action)", "stack": "\(entry.stack)", "actor": "\(entry.actor)",
                "address": "\(entry.address)", "detail": "\(entry.detail)",
            ])
        do throws(StateBackendError) {
            try await store.append([
                ControllerLogEntry(log: AuditEntry.log, subject: entry.stack, time: now, text: entry.json)
            ])
        } catch {
            counts.countUnwrittenAudit()
            logger.error("the audit log cannot be written", metadata: ["reason": "\(error.message)"])
        }
    }
}
