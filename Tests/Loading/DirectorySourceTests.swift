import FoundationEssentials
import Loading
import PlumbModel
import Testing

#if canImport(Glibc)
    import Glibc
#endif

final class DirectorySourceTests {
    private let path: String

    init() throws {
        var template = Array("/tmp/plumb-directory-XXXXXX".utf8CString)
        path = try #require(mkdtemp(&template).map { String(cString: $0) })
        for folder in ["stack/files", "other"] {
            try FileManager.default.createDirectory(
                atPath: path + "/" + folder, withIntermediateDirectories: true)
        }
        for file in ["stack/stack.yaml", "stack/b.yaml", "stack/files/motd", "other/secret.yaml"] {
            try Data("a: 1\n".utf8).write(to: URL(filePath: path + "/" + file))
        }
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    private func summary<Result>(_ body: () throws(Diagnostics) -> Result) -> String? {
        do {
            _ = try body()
            return nil
        } catch {
            return error.all.first?.summary
        }
    }

    @Test func listsAndReads() throws {
        let source = try DirectorySource(path: path + "/stack/")
        #expect(try source.files(in: "") == ["b.yaml", "stack.yaml"])
        #expect(try source.files(in: "files") == ["files/motd"])
        #expect(try source.folders(in: "") == ["files"])
        #expect(try source.folders(in: "files").isEmpty)
        #expect(try source.contents(of: "./files/motd") == Array("a: 1\n".utf8))
        #expect(try source.contents(of: "gone.yaml") == nil)
        #expect(source.revision == nil && source.branch == nil)
        #expect(summary { () throws(Diagnostics) in try source.contents(of: "files") } == "Not a regular file")
    }

    @Test func nothingOutsideIsRead() throws {
        let source = try DirectorySource(path: path + "/stack")
        let manager = FileManager.default
        try manager.createSymbolicLink(atPath: path + "/stack/out.yaml", withDestinationPath: "../other/secret.yaml")
        try manager.createSymbolicLink(atPath: path + "/stack/folder", withDestinationPath: "../other")
        try manager.createSymbolicLink(atPath: path + "/stack/in.yaml", withDestinationPath: "b.yaml")
        try manager.createSymbolicLink(atPath: path + "/stack/loop.yaml", withDestinationPath: "loop.yaml")
        try manager.createSymbolicLink(atPath: path + "/stack/dead.yaml", withDestinationPath: "nowhere")
        for outside in [
            "../other/secret.yaml", "/etc/hostname", "files/../../other/secret.yaml", "out.yaml", "folder/secret.yaml",
        ] {
            #expect(
                summary { () throws(Diagnostics) in try source.contents(of: outside) } == "Path leads outside",
                "\(outside)")
        }
        #expect(summary { () throws(Diagnostics) in try source.files(in: "folder") } == "Path leads outside")
        #expect(try source.contents(of: "in.yaml") != nil)
        for broken in ["loop.yaml", "dead.yaml"] {
            #expect(summary { () throws(Diagnostics) in try source.contents(of: broken) } == "File cannot be read")
        }
        #expect(try source.files(in: "").contains("dead.yaml"))
        #expect(try source.folders(in: "") == ["files"])
    }

    @Test func directoriesThatAreNone() throws {
        #expect(summary { () throws(Diagnostics) in try DirectorySource(path: path + "/gone") } == "No such directory")
        let file = path + "/stack/stack.yaml"
        #expect(summary { () throws(Diagnostics) in try DirectorySource(path: file) } == "Not a directory")
        let problem = #expect(throws: Diagnostics.self) { try DirectorySource(path: path + "/stakc") }
        #expect(problem?.all.first?.detail.contains("Did you mean \"\(path)/stack\"?") == true)
    }

    @Test func pipesDoNotBlock() throws {
        #expect(mkfifo(path + "/stack/pipe.yaml", 0o600) == 0)
        let source = try DirectorySource(path: path + "/stack")
        #expect(summary { () throws(Diagnostics) in try source.contents(of: "pipe.yaml") } == "Not a regular file")
    }

    @Test(.enabled(if: geteuid() != 0, "root may read every file"))
    func unreadableFiles() throws {
        chmod(path + "/stack/b.yaml", 0)
        let source = try DirectorySource(path: path + "/stack")
        #expect(summary { () throws(Diagnostics) in try source.contents(of: "b.yaml") } == "File cannot be read")
    }

    @Test func tooLargeFilesAreNotRead() throws {
        #expect(truncate(path + "/stack/b.yaml", off_t(SourceFile.maximumSize) + 1) == 0)
        let source = try DirectorySource(path: path + "/stack")
        #expect(summary { () throws(Diagnostics) in try source.contents(of: "b.yaml") } == "File is too large")
    }

    @Test func namesThatAreNotUTF8() throws {
        let name = Array((path + "/stack/").utf8.map { CChar(bitPattern: $0) }) + [CChar(bitPattern: 0xE4)]
        close(open(name + Array(".txt".utf8CString), O_CREAT | O_WRONLY, 0o644))
        let source = try DirectorySource(path: path + "/stack")
        #expect(try source.files(in: "") == ["b.yaml", "stack.yaml"])
        close(open(name + Array(".yaml".utf8CString), O_CREAT | O_WRONLY, 0o644))
        #expect(summary { () throws(Diagnostics) in try source.files(in: "") } == "File name is not UTF-8")
    }
}
