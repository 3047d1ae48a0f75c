internal import PlumbModel

#if canImport(FoundationEssentials)
    internal import FoundationEssentials
#else
    internal import Foundation
#endif
#if canImport(Glibc)
    internal import Glibc
#endif

/// The directory of a test file's throw-away state.
struct TrialDirectory: Sendable {
    let path: String

    /// The state's database in it.
    var state: String { path + "/.plumb/state.db" }

    /// - Parameter environment: says where temporary files go (`TMPDIR`).
    static func make(_ environment: [String: String]) throws(Diagnostics) -> TrialDirectory {
        let parent = environment["TMPDIR"].flatMap { $0.isEmpty ? nil : $0 } ?? "/tmp"
        var template = Array("\(parent)/plumb-test-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else {
            throw Diagnostics(
                .error(
                    "No place for the test's state",
                    "No directory could be made in \(parent): \(String(cString: strerror(errno))). Set TMPDIR to one that "
                        + "can be written."))
        }
        return TrialDirectory(
            path: String(decoding: template.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self))
    }

    /// Removes it with all that is in it.
    func remove() throws(Diagnostics) {
        do {
            try FileManager.default.removeItem(atPath: path)
        } catch {
            throw Diagnostics(
                .warning(
                    "Temporary directory stays", "The directory of the test's state could not be removed: \(path).")
            )
        }
    }
}
