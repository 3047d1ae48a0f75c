internal import PlumbModel
internal import Synchronization

/// A source that remembers what was read from it: the spec content that a plan is made from.
final class RecordingSource: SpecificationSource {
    private let base: any SpecificationSource
    private let found = Mutex(Found())

    private struct Found {
        var contents: [String: [UInt8]] = [:]
        var absent: Set<String> = []
        var listings: [String: [String]] = [:]
    }

    init(_ base: any SpecificationSource) { self.base = base }

    var name: String { base.name }
    var revision: String? { base.revision }
    var branch: String? { base.branch }

    /// Every file that was read, by path.
    var contents: [String: [UInt8]] { found.withLock { $0.contents } }

    /// The paths that were looked at and at which there was no file.
    var absent: Set<String> { found.withLock { $0.absent } }

    /// The files of every folder that was listed, by the folder's path.
    var listings: [String: [String]] { found.withLock { $0.listings } }

    func files(in folder: String) throws(Diagnostics) -> [String] {
        let files = try base.files(in: folder)
        found.withLock { $0.listings[folder] = files }
        return files
    }

    func contents(of path: String) throws(Diagnostics) -> [UInt8]? {
        let bytes = try base.contents(of: path)
        found.withLock {
            if let bytes { $0.contents[path] = bytes } else { $0.absent.insert(path) }
        }
        return bytes
    }
}
