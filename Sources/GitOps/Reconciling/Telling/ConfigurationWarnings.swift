public import Logging
public import PlumbModel

extension Logger {
    /// A line for each of what is only suspicious in a configuration, so that a log has nothing but lines of one form.
    public func tell(_ warnings: Diagnostics) {
        for problem in warnings.all {
            warning(
                "configuration: \(problem.summary)",
                metadata: ["place": "\(problem.source?.description ?? "")", "reason": "\(problem.detail)"])
        }
    }
}
