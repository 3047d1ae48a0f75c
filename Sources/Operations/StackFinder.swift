public import PlumbModel

#if canImport(FoundationEssentials)
    internal import FoundationEssentials
#else
    internal import Foundation
#endif

/// Finds the stacks below a directory: each directory that holds `stack.yaml`. Hidden ones are passed over, and links are
/// not followed.
public struct StackFinder: Sendable {
    private let directory: String

    public init(directory: String) { self.directory = directory }

    /// What stands below a directory.
    public struct Found: Sendable {
        /// The directories of the stacks, sorted.
        public var stacks: [String] = []
        /// Directories that could not be looked into, sorted: there may be stacks in them.
        public var closed: [String] = []
    }

    /// - Throws: where there is none, so that a slip of the pen is not taken for being in sync.
    public func find() async throws(Diagnostics) -> Found {
        let directory = directory
        return try await BlockingWork.run { () throws(Diagnostics) in
            var found = Found()
            var pending = [directory]
            while let folder = pending.popLast() {
                let names: [String]
                do {
                    names = try FileManager.default.contentsOfDirectory(atPath: folder)
                } catch {
                    if folder != directory {
                        found.closed.append(folder)
                        continue
                    }
                    throw Diagnostics(
                        .error(
                            "Directory cannot be read", "\"\(folder)\" cannot be read: there is none, or it is closed.")
                    )
                }
                if names.contains("stack.yaml") { found.stacks.append(folder) }
                for name in names where !name.hasPrefix(".") {
                    let path = folder == "/" ? "/\(name)" : "\(folder)/\(name)"
                    let attributes = try? FileManager.default.attributesOfItem(atPath: path)
                    if attributes?[.type] as? FileAttributeType == .typeDirectory { pending.append(path) }
                }
            }
            guard !found.stacks.isEmpty else {
                throw Diagnostics(
                    .error(
                        "No stacks", "Below \"\(directory)\" there is no stack: no directory in it holds a stack.yaml.")
                )
            }
            found.stacks.sort()
            found.closed.sort()
            return found
        }
    }
}
