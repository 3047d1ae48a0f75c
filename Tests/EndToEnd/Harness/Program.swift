import Foundation

/// Programs of others that tests call.
enum Program {
    /// In CI a test runs, and fails, without its program; elsewhere it is skipped visibly.
    static func isExpected(_ name: String) -> Bool {
        ProcessInfo.processInfo.environment["CI"] != nil || isInstalled(name)
    }

    /// For what no package of ours brings: a test without it is skipped visibly everywhere.
    static func isInstalled(_ name: String) -> Bool {
        let environment = ProcessInfo.processInfo.environment
        return (environment["PATH"] ?? "/usr/bin:/bin").split(separator: ":").contains {
            FileManager.default.isExecutableFile(atPath: "\($0)/\(name)")
        }
    }
}
