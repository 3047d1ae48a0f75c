/// What was looked at while a stack was read: as long as all of it is the same, reading the stack again gives the same.
///
/// Paths are relative to the stack's folder; those of modules beside it begin with `../`. What was fetched from other
/// repositories is not among them: the lock file, which is, names its commits.
public struct SourceReading: Sendable, Hashable, Codable {
    /// Of files that were read, or looked for where there is none.
    public var files: Set<String>
    /// Folders whose files or folders were listed; `.` for the stack's own.
    public var folders: Set<String>
    /// Whether the specs name the revision that they are of (`stack.revision`), so that each commit makes others of them.
    public var namesRevision: Bool

    public init(files: Set<String> = [], folders: Set<String> = [], namesRevision: Bool = false) {
        self.files = files
        self.folders = folders
        self.namesRevision = namesRevision
    }
}
