public import PlumbModel

#if canImport(FoundationEssentials)
    internal import FoundationEssentials
#else
    internal import Foundation
#endif

/// Writes a report to a file that the user has named.
public enum TextFile {
    /// Whole or not at all.
    public static func write(_ text: String, to path: String) async throws(Diagnostics) {
        try await BlockingWork.run { () throws(Diagnostics) in
            do {
                try Data(text.utf8).write(to: URL(filePath: path), options: .atomic)
            } catch {
                throw Diagnostics(
                    .error("Cannot write file", "\"\(path)\" could not be written: \(error). Check its folder."))
            }
        }
    }
}
