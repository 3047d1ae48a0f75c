import Foundation

/// Programs of others that tests call.
enum Program {
    /// In CI a test runs, and fails, without its program; elsewhere it is skipped visibly.
    static func isExpected(_ name: String) -> Bool {
        let environment = ProcessInfo.processInfo.environment
        guard environment["CI"] == nil else { return true }
        return (environment["PATH"] ?? "/usr/bin:/bin").split(separator: ":").contains {
            FileManager.default.isExecutableFile(atPath: "\($0)/\(name)")
        }
    }
}
