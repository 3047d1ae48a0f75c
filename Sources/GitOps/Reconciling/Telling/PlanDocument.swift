internal import PlumbModel
internal import Reporting

/// Writes a plan as `plumb plan --json` does, secrets masked.
enum PlanDocument {
    static func text(_ plan: Plan, in setting: PlanSetting) -> String {
        PlanJSON(plan, in: setting, showsSensitive: false).text()
    }
}
