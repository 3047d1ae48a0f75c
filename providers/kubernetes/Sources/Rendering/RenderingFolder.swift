import FoundationEssentials
import PlumbModel
import Synchronization

#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// A private folder with a copy of the files that something is rendered from: what a program sees of a stack, also of
/// one that is nowhere checked out.
struct RenderingFolder {
    /// Why it cannot be made: a sentence.
    struct Failure: Error {
        let reason: String
    }

    /// Folders that belong to tools, and to no overlay or chart.
    private static let foreign: Set<String> = [".git", ".plumb", ".terraform"]
    private static let maximumFiles = 20_000
    private static let maximumBytes = 512 << 20

    let path: String
    private(set) var files: Set<String> = []
    private var size = 0

    init() throws(Failure) {
        let base = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
        var name = Array("\(base)/plumb-render-XXXXXX".utf8CString)
        guard mkdtemp(&name) != nil else {
            throw Failure(reason: "No folder can be made in \(base): \(String(cString: strerror(errno))).")
        }
        path = String(decoding: name.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    func remove() { try? FileManager.default.removeItem(atPath: path) }

    /// Copies all files below a folder.
    ///
    /// - Parameters:
    ///   - source: gives them.
    ///   - folder: in `source`.
    ///   - target: where they go, relative to this folder.
    mutating func copy(
        _ source: any SpecificationSource, folder: String = "", to target: String
    ) throws(Diagnostics) {
        var pending = [folder]
        while let next = pending.popLast() {
            for file in try source.files(in: next) {
                guard let bytes = try source.contents(of: file) else { continue }
                let inner = folder.isEmpty ? file : String(file.dropFirst(folder.count + 1))
                try write(bytes, to: FileName.normal("\(target)/\(inner)"))
            }
            pending += try source.folders(in: next).filter { folder in
                !Self.foreign.contains(String(folder.split(separator: "/").last ?? ""))
            }
        }
    }

    /// - Parameter name: relative to this folder, and inside of it.
    mutating func write(_ bytes: [UInt8], to name: String) throws(Diagnostics) {
        guard files.insert(name).inserted else { return }
        size += bytes.count
        guard files.count <= Self.maximumFiles, size <= Self.maximumBytes else {
            throw Diagnostics(
                .error(
                    "Too much to render from",
                    "More than \(Self.maximumFiles) files or \(Self.maximumBytes >> 20) MiB lie there. Keep what is rendered "
                        + "in a folder of its own."))
        }
        let full = "\(path)/\(name)"
        let parent = full.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/")
        do {
            try FileManager.default.createDirectory(
                atPath: parent, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
            try Data(bytes).write(to: URL(filePath: full))
        } catch {
            throw Diagnostics(
                .error(
                    "Cannot copy files",
                    "The files that manifests are rendered from cannot be copied to \(path): \(error)."))
        }
    }
}
