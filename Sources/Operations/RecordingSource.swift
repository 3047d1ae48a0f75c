internal import PlumbModel
internal import Synchronization

/// A source that remembers what was read from it and from its modules: the spec content that a plan is made from.
final class RecordingSource: SpecificationSource {
    private struct Module {
        let folder: String
        let source: any SpecificationSource
    }

    private struct Memory {
        /// Every file that was read, by its path relative to the stack.
        var read: [String: [UInt8]] = [:]
        /// The folders of modules, the longest first.
        var modules: [Module] = []
    }

    private let base: any SpecificationSource
    /// Relative to the stack; `.` for the stack itself.
    private let folder: String
    private let memory: SharedMemory

    private final class SharedMemory: Sendable {
        let content = Mutex(Memory())
    }

    init(_ base: any SpecificationSource) {
        self.base = base
        folder = "."
        memory = SharedMemory()
    }

    private init(_ base: any SpecificationSource, folder: String, memory: SharedMemory) {
        self.base = base
        self.folder = folder
        self.memory = memory
    }

    var name: String { base.name }
    var revision: String? { base.revision }
    var branch: String? { base.branch }

    /// Every file that was read, by its path relative to the stack.
    var contents: [String: [UInt8]] { memory.content.withLock { $0.read } }

    /// The folders of modules, relative to the stack.
    var moduleFolders: [String] { memory.content.withLock { $0.modules.map(\.folder) } }

    func files(in folder: String) throws(Diagnostics) -> [String] { try base.files(in: folder) }

    func contents(of path: String) throws(Diagnostics) -> [UInt8]? {
        let full = FileName.normal(folder == "." ? path : folder + "/" + path)
        let bytes: [UInt8]?
        // A module's expressions name its files by way of `path.module`, which may lie outside of the stack.
        if let module = module(of: full) {
            bytes = try module.source.contents(of: String(Substring(full.utf8.dropFirst(module.folder.utf8.count + 1))))
        } else {
            bytes = try base.contents(of: path)
        }
        if let bytes { memory.content.withLock { $0.read[full] = bytes } }
        return bytes
    }

    func module(at path: String) throws(Diagnostics) -> any SpecificationSource {
        adopt(try base.module(at: path), as: FileName.normal(folder + "/" + path))
    }

    /// Lets the files of a module be read as those of a folder.
    func adopt(_ source: any SpecificationSource, as folder: String) -> RecordingSource {
        memory.content.withLock { memory in
            guard !memory.modules.contains(where: { $0.folder == folder }) else { return }
            memory.modules.append(Module(folder: folder, source: source))
            memory.modules.sort { $0.folder.utf8.count > $1.folder.utf8.count }
        }
        return RecordingSource(source, folder: folder, memory: memory)
    }

    private func module(of path: String) -> Module? {
        memory.content.withLock { memory in memory.modules.first { path.hasPrefix($0.folder + "/") } }
    }
}
