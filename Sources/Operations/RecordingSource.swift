internal import PlumbModel
internal import Synchronization

/// A source that remembers what was read from it and from its modules: the spec content that a plan is made from.
final class RecordingSource: SpecificationSource {
    private struct Module {
        let folder: String
        let source: any SpecificationSource
        let isPinned: Bool
    }

    private struct Memory {
        /// Every file that was read, by its path relative to the stack.
        var read: [String: [UInt8]] = [:]
        var absent: Set<String> = []
        /// By address: what was made of the files, and what must be the same when a saved plan is applied.
        var rendered: [String: [UInt8]] = [:]
        var listings: [String: [String]] = [:]
        /// Folders whose files or folders were asked for, whether or not there are such.
        var listed: Set<String> = []
        /// The folders of modules, the longest first.
        var modules: [Module] = []
    }

    private let base: any SpecificationSource
    /// Relative to the stack; `.` for the stack itself.
    private let folder: String
    /// Whether it is of a commit that the lock file names, and so cannot change.
    private let isPinned: Bool
    private let memory: SharedMemory

    private final class SharedMemory: Sendable {
        let content = Mutex(Memory())
    }

    init(_ base: any SpecificationSource) {
        self.base = base
        folder = "."
        isPinned = false
        memory = SharedMemory()
    }

    private init(_ base: any SpecificationSource, folder: String, isPinned: Bool, memory: SharedMemory) {
        self.base = base
        self.folder = folder
        self.isPinned = isPinned
        self.memory = memory
    }

    var name: String { base.name }
    var revision: String? { base.revision }
    var branch: String? { base.branch }
    var allowance: Allowance? { base.allowance }

    /// Every file that was read, by its path relative to the stack.
    var contents: [String: [UInt8]] { memory.content.withLock { $0.read } }

    /// What was rendered, under the names by which a source in memory knows it.
    var renderedContents: [String: [UInt8]] {
        let rendered = memory.content.withLock { $0.rendered }
        return Dictionary(
            rendered.map { (MemorySource.renderedName($0.key), $0.value) }, uniquingKeysWith: { first, _ in first })
    }

    func rendered(_ address: String) -> [UInt8]? {
        memory.content.withLock { $0.rendered[address] } ?? base.rendered(address)
    }

    func keep(rendered: [UInt8], for address: String) {
        memory.content.withLock { $0.rendered[address] = rendered }
    }

    /// The paths that were looked at and at which there was no file.
    var absent: Set<String> { memory.content.withLock { $0.absent } }

    /// The files of every folder that was listed and that can change, by the folder's path; all relative to the stack.
    var listings: [String: [String]] {
        let pinned = memory.content.withLock { $0.modules.filter(\.isPinned).map { $0.folder + "/" } }
        return memory.content.withLock { $0.listings }.filter { one in
            !pinned.contains { (one.key + "/").hasPrefix($0) }
        }
    }

    /// All that was looked at and that can change without a change of the lock file.
    var reading: SourceReading {
        let memory = memory.content.withLock { $0 }
        let pinned = memory.modules.filter(\.isPinned).map { $0.folder + "/" }
        func canChange(_ path: String) -> Bool { !pinned.contains { (path + "/").hasPrefix($0) } }
        return SourceReading(
            files: memory.absent.union(memory.read.keys).filter(canChange), folders: memory.listed.filter(canChange),
            namesRevision: memory.read.values.contains(where: Self.namesRevision))
    }

    /// Whether a file may hold `stack.revision`, with whatever spaces.
    private static func namesRevision(_ text: [UInt8]) -> Bool {
        let (stack, revision) = (Array("stack".utf8), Array("revision".utf8))
        var dot = text.startIndex
        while let next = text[dot...].firstIndex(of: UInt8(ascii: ".")) {
            let before = text[..<next].lastIndex { !isSpace($0) }
            if let before, let after = text[(next + 1)...].firstIndex(where: { !isSpace($0) }),
                text[after...].starts(with: revision), text[...before].suffix(stack.count).elementsEqual(stack)
            {
                return true
            }
            dot = next + 1
        }
        return false
    }

    private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0D).contains(byte) }

    /// Those of the files that can change without a change of the lock file, which is one of them.
    var changeableContents: [String: [UInt8]] {
        let pinned = memory.content.withLock { $0.modules.filter(\.isPinned).map { $0.folder + "/" } }
        return contents.filter { file in !pinned.contains { file.key.hasPrefix($0) } }
    }

    /// The folders of modules whose files can change, relative to the stack.
    var changeableModuleFolders: [String] {
        memory.content.withLock { $0.modules.filter { !$0.isPinned }.map(\.folder) }
    }

    func files(in folder: String) throws(Diagnostics) -> [String] {
        let (source, path, prefix) = located(folder)
        memory.content.withLock { _ = $0.listed.insert(full(folder)) }
        let files = try source.files(in: path).map { prefix + $0 }
        memory.content.withLock { $0.listings[full(folder)] = files.map(full) }
        return files
    }

    func folders(in folder: String) throws(Diagnostics) -> [String] {
        let (source, path, prefix) = located(folder)
        memory.content.withLock { _ = $0.listed.insert(full(folder)) }
        return try source.folders(in: path).map { prefix + $0 }
    }

    func contents(of path: String) throws(Diagnostics) -> [UInt8]? {
        let (source, inner, _) = located(path)
        let bytes = try source.contents(of: inner)
        memory.content.withLock {
            if let bytes { $0.read[full(path)] = bytes } else { $0.absent.insert(full(path)) }
        }
        return bytes
    }

    private func full(_ path: String) -> String {
        FileName.normal(folder == "." ? path : folder + "/" + path)
    }

    /// Where a path really leads: a module's expressions name its files by way of `path.module`, which may lie outside of
    /// the stack.
    ///
    /// - Returns: the source, the path in it, and what stands before that path here.
    private func located(_ path: String) -> (source: any SpecificationSource, path: String, prefix: String) {
        let full = full(path)
        guard let module = module(of: full + "/") else { return (base, path, "") }
        let inner = String(Substring(full.utf8.dropFirst(module.folder.utf8.count + 1)))
        if inner.isEmpty { return (module.source, "", path.isEmpty ? "" : path + "/") }
        let given = path.utf8.count - inner.utf8.count
        return (module.source, inner, given > 0 ? String(Substring(path.utf8.prefix(given))) : "")
    }

    func module(at path: String) throws(Diagnostics) -> any SpecificationSource {
        adopt(try base.module(at: path), as: FileName.normal(folder + "/" + path), isPinned: isPinned)
    }

    /// Lets the files of a module be read as those of a folder.
    ///
    /// - Parameter isPinned: whether they are those of a commit that the lock file names.
    @discardableResult
    func adopt(_ source: any SpecificationSource, as folder: String, isPinned: Bool) -> RecordingSource {
        memory.content.withLock { memory in
            guard !memory.modules.contains(where: { $0.folder == folder }) else { return }
            memory.modules.append(Module(folder: folder, source: source, isPinned: isPinned))
            memory.modules.sort { $0.folder.utf8.count > $1.folder.utf8.count }
        }
        return RecordingSource(source, folder: folder, isPinned: isPinned, memory: memory)
    }

    func reaches(_ path: String) -> Bool { module(of: FileName.normal(folder + "/" + path) + "/") != nil }

    private func module(of path: String) -> Module? {
        memory.content.withLock { memory in memory.modules.first { path.hasPrefix($0.folder + "/") } }
    }
}
