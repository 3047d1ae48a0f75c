import Foundation

/// helm and kubectl, as `Tests/Services/rendering-programs` has put them on the machine.
public enum RenderingPrograms {
    /// Where they are; nil where their tests are skipped. In CI they are expected.
    public static let folder: String? = {
        let path = try? KubernetesServer.output(of: "rendering-programs", ["path"])
        let isExpected = ProcessInfo.processInfo.environment["CI"] != nil
        return path?.trimmingCharacters(in: .whitespacesAndNewlines) ?? (isExpected ? "/nonexistent" : nil)
    }()

    /// A `PATH` on which they come first.
    public static var searchPath: String {
        "\(folder ?? ""):\(ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin")"
    }

    /// Puts them on the path of this process.
    public static func use() { _ = isUsed }

    private static let isUsed: Bool = setenv("PATH", searchPath, 1) == 0
}
