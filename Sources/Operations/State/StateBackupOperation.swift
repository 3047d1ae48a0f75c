public import PlumbModel
internal import StateBackendAPI

#if canImport(FoundationEssentials)
    internal import FoundationEssentials
#else
    internal import Foundation
#endif

/// `plumb state pull` and `plumb state backup`: all of a state at one instant as a JSON text, secrets sealed. Neither
/// waits for anybody nor makes anybody wait.
public struct StateBackupOperation: Sendable {
    /// What was written to a file.
    public struct Backup: Sendable {
        public let resources: Int
        public let changes: Int
        public let bytes: Int
        /// Secrets in it, which nothing opens without the key.
        public let secrets: Int
        /// Where the key is; nil where it is given in the environment.
        public let keyFile: String?
    }

    private let state: StateOperation

    public init(_ state: StateOperation) { self.state = state }

    /// - Parameter includesHistory: whether changes and runs of the past are in it.
    public func text(includesHistory: Bool) async throws(Diagnostics) -> String {
        var contents = try await state.existingContents()
        if !includesHistory { (contents.history, contents.runs) = ([], []) }
        return StateDocument.text(contents)
    }

    /// Writes a file for the owner alone, whole or not at all, and reads it back.
    public func write(to path: String) async throws(Diagnostics) -> Backup {
        let contents = try await state.existingContents()
        let text = StateDocument.text(contents)
        try await FileReplacement.write(Array(text.utf8), to: path, mode: 0o600)
        let read = try await Self.read(path)
        guard StateDocument.text(read) == text else {
            throw Diagnostics(
                .error(
                    "Backup differs",
                    "What \(path) gives back is not what was written to it. Do not count on this backup; check the disk."
                ))
        }
        let tally = state.backend.vault.tally(contents)
        let keys = state.backend.vault.keys
        return Backup(
            resources: contents.resources.count, changes: contents.history.count, bytes: text.utf8.count,
            secrets: tally.sealed, keyFile: keys.isGiven ? nil : keys.path)
    }

    static func read(_ path: String) async throws(Diagnostics) -> StateContents {
        let bytes = try await BlockingWork.run { () throws(Diagnostics) in
            do {
                return try Data(contentsOf: URL(filePath: path))
            } catch {
                throw Diagnostics(
                    .error("Cannot read state file", "There is no readable file at \(path)."))
            }
        }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw Diagnostics(.error("Not a state file", "\(path) is not UTF-8 text. Nothing was changed."))
        }
        return try StateDocumentReader(name: path).read(text)
    }
}
