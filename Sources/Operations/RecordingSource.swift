internal import PlumbModel
internal import Synchronization

/// A source that remembers what was read from it: the spec content that a plan is made from.
final class RecordingSource: SpecificationSource {
    private let base: any SpecificationSource
    private let read = Mutex<[String: [UInt8]]>([:])

    init(_ base: any SpecificationSource) { self.base = base }

    var name: String { base.name }
    var revision: String? { base.revision }
    var branch: String? { base.branch }

    /// Every file that was read, by path.
    var contents: [String: [UInt8]] { read.withLock { $0 } }

    func files(in folder: String) throws(Diagnostics) -> [String] { try base.files(in: folder) }

    func folders(in folder: String) throws(Diagnostics) -> [String] { try base.folders(in: folder) }

    func contents(of path: String) throws(Diagnostics) -> [UInt8]? {
        let bytes = try base.contents(of: path)
        if let bytes { read.withLock { $0[path] = bytes } }
        return bytes
    }
}
