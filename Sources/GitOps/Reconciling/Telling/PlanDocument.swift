internal import PlumbModel
internal import Reporting
internal import Synchronization

/// Writes a plan as `plumb plan --json` does, secrets masked.
enum PlanDocument {
    static func text(_ plan: Plan, in setting: PlanSetting) -> String {
        let pieces = Mutex("")
        PlanJSON(plan, in: setting, showsSensitive: false).render { piece in pieces.withLock { $0 += piece } }
        return pieces.withLock { $0 }
    }
}
