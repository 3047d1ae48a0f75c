import FoundationEssentials
import GitFixtures
import PlumbModel
import Repositories
import Testing

#if canImport(Glibc)
    import Glibc
#endif

struct GitRepositoryTests {
    private func problem<Result>(_ body: () throws(Diagnostics) -> Result) -> Diagnostic? {
        do {
            _ = try body()
            return nil
        } catch {
            return error.all.first
        }
    }

    private func text(_ source: RevisionSource, _ path: String) throws -> String? {
        try source.contents(of: path).map { String(decoding: $0, as: UTF8.self) }
    }

    private func stack() throws -> (TemporaryRepository, String) {
        let repository = try TemporaryRepository()
        try repository.write("stacks/web/stack.yaml", "stack: web\n")
        try repository.write("stacks/web/main.yaml", "locals: {a: 1}\n")
        try repository.write("stacks/web/files/motd", "hello\n")
        return (repository, try repository.commit())
    }

    @Test(arguments: [false, true])
    func readsWhatIsCommitted(packed: Bool) throws {
        let (repository, first) = try stack()
        try repository.write("stacks/web/main.yaml", "locals: {a: 2}\n")
        let second = try repository.commit()
        if packed {
            try repository.git("gc", "-q", "--aggressive")
            #expect(!FileManager.default.fileExists(atPath: repository.path + "/.git/objects/" + first.prefix(2)))
        }
        try repository.write("stacks/web/main.yaml", "not committed")
        let git = try GitRepository.open(containing: repository.path + "/stacks/web/files")
        let now = try git.source(revision: "main", folder: "stacks/web")
        #expect(now.revision == second)
        #expect(now.branch == "main")
        #expect(now.name == "main:stacks/web")
        #expect(try now.files(in: "") == ["main.yaml", "stack.yaml"])
        #expect(try now.files(in: "files") == ["files/motd"])
        #expect(try now.folders(in: "") == ["files"])
        #expect(try git.source(revision: "main", folder: "").folders(in: "stacks").contains("stacks/web"))
        #expect(try text(now, "main.yaml") == "locals: {a: 2}\n")
        #expect(try text(now, "./files/motd") == "hello\n")
        #expect(try text(now, "gone.yaml") == nil)
        #expect(try text(now, "main.yaml/x") == nil)
        let before = try git.source(revision: "HEAD~1", folder: "./stacks/web/")
        #expect(before.revision == first)
        #expect(before.branch == nil)
        #expect(try text(before, "main.yaml") == "locals: {a: 1}\n")
        let root = try git.source(revision: String(first.prefix(9)), folder: "")
        #expect(root.revision == first)
        #expect(try text(root, "stacks/web/stack.yaml") == "stack: web\n")
        #expect(problem { () throws(Diagnostics) in try now.contents(of: "../x") }?.summary == "Path leads outside")
        #expect(problem { () throws(Diagnostics) in try now.contents(of: "files") }?.summary == "Not a regular file")
    }

    @Test func headAndFolder() throws {
        let empty = try TemporaryRepository()
        #expect(try GitRepository.open(containing: empty.path).head() == nil)
        let (repository, commit) = try stack()
        let git = try GitRepository.open(containing: repository.path)
        let head = try #require(try git.head())
        #expect(head.revision == commit)
        #expect(head.branch == "main")
        #expect(try git.folder(of: repository.path) == "")
        #expect(try git.folder(of: repository.path + "/stacks/web/") == "stacks/web")
        #expect(try git.folder(of: repository.path + "/stacks/./gone/sub") == "stacks/gone/sub")
        #expect(
            problem { () throws(Diagnostics) in try git.folder(of: "/") }?.summary == "Path is outside the repository")
        try repository.git("checkout", "-q", "--detach")
        #expect(try git.head()?.branch == nil)
        try repository.git("checkout", "-q", "-b", "feature/a")
        #expect(try git.head()?.branch == "feature/a")
        #expect(try git.source(revision: "HEAD", folder: "").branch == "feature/a")
    }

    @Test func tags() throws {
        let (repository, commit) = try stack()
        try repository.git("tag", "light")
        try repository.git("tag", "-a", "-m", "annotated", "v1.0.0")
        try repository.git("tag", "blob", commit + ":stacks/web/main.yaml")
        let git = try GitRepository.open(containing: repository.path)
        #expect(try git.source(revision: "light", folder: "").revision == commit)
        let annotated = try git.source(revision: "v1.0.0", folder: "stacks/web")
        #expect(annotated.revision == commit)
        #expect(annotated.branch == nil)
        for revision in ["blob", "HEAD:stacks"] {
            let refusal = problem { () throws(Diagnostics) in try git.source(revision: revision, folder: "") }
            #expect(refusal?.summary == "Revision is not a commit")
        }
    }

    @Test func bareRepository() throws {
        let (repository, commit) = try stack()
        let bare = try TemporaryRepository(bare: true)
        try repository.git("push", "-q", bare.path, "main")
        let git = try GitRepository.open(containing: bare.path)
        #expect(git.isBare)
        let source = try git.source(revision: "main", folder: "stacks/web")
        #expect(source.revision == commit)
        #expect(try text(source, "stack.yaml") == "stack: web\n")
        #expect(try git.folder(of: bare.path) == "")
    }

    @Test func deletedBranch() throws {
        let (repository, _) = try stack()
        try repository.git("checkout", "-q", "-b", "gone")
        try repository.write("stacks/web/main.yaml", "locals: {a: 3}\n")
        let commit = try repository.commit()
        try repository.git("checkout", "-q", "main")
        try repository.git("branch", "-q", "-D", "gone")
        let git = try GitRepository.open(containing: repository.path)
        #expect(try text(try git.source(revision: commit, folder: "stacks/web"), "main.yaml") == "locals: {a: 3}\n")
        let refusal = problem { () throws(Diagnostics) in try git.source(revision: "gone", folder: "") }
        #expect(refusal?.summary == "Unknown revision")
    }

    @Test func remoteBranchesCount() throws {
        let (repository, commit) = try stack()
        try repository.git("update-ref", "refs/remotes/origin/feature/x", "HEAD")
        let source = try GitRepository.open(containing: repository.path)
            .source(revision: "origin/feature/x", folder: "")
        #expect(source.revision == commit)
        #expect(source.branch == "feature/x")
    }

    @Test(arguments: [
        ("mian", "Unknown revision", "Did you mean \"main\"?"), ("", "Unknown revision", "empty"),
        ("main..HEAD", "Unknown revision", "range"), ("HEAD~99", "Unknown revision", "git branch -a"),
        ("a b^{", "Unknown revision", "has no branch"), ("deadbeefdeadbeef", "Unknown revision", "has no branch"),
    ])
    func unknownRevisions(_ revision: String, _ summary: String, _ hint: String) throws {
        let (repository, _) = try stack()
        let git = try GitRepository.open(containing: repository.path)
        let refusal = problem { () throws(Diagnostics) in try git.source(revision: revision, folder: "") }
        #expect(refusal?.summary == summary)
        #expect(refusal?.detail.contains(hint) == true, "\(refusal?.detail ?? "accepted")")
    }

    @Test func ambiguousIdentifiers() throws {
        let (repository, _) = try stack()
        var seen: [String: String] = [:]
        var prefix: String?
        // With 4 digits a collision among 1,500 objects is as good as certain.
        for batch in 0..<10 where prefix == nil {
            for index in 0..<150 { try repository.write("many/\(batch)-\(index)", "\(batch) \(index)") }
            try repository.commit()
            let ids = try repository.git("rev-list", "--objects", "--all").split(separator: "\n")
            for id in ids.map({ String($0.prefix(40)) }) {
                if let other = seen.updateValue(id, forKey: String(id.prefix(4))), other != id {
                    prefix = String(id.prefix(4))
                }
            }
        }
        let git = try GitRepository.open(containing: repository.path)
        let refusal = problem { () throws(Diagnostics) in try git.source(revision: prefix ?? "none", folder: "") }
        #expect(refusal?.summary == "Ambiguous revision")
    }

    @Test func foldersThatAreNone() throws {
        let (repository, _) = try stack()
        let git = try GitRepository.open(containing: repository.path)
        let missing = problem { () throws(Diagnostics) in try git.source(revision: "main", folder: "stacks/wbe") }
        #expect(missing?.summary == "Folder is not in the revision")
        #expect(missing?.detail.contains("Did you mean \"stacks/web\"?") == true)
        let file = problem { () throws(Diagnostics) in try git.source(revision: "main", folder: "stacks/web/main.yaml")
        }
        #expect(file?.summary == "Not a directory")
        let outside = problem { () throws(Diagnostics) in try git.source(revision: "main", folder: "../x") }
        #expect(outside?.summary == "Path leads outside")
    }

    @Test func linksAndSubmodules() throws {
        let (inner, _) = try stack()
        let (repository, _) = try stack()
        try repository.git("submodule", "add", "-q", inner.path, "stacks/sub")
        try FileManager.default.createSymbolicLink(
            atPath: repository.path + "/stacks/web/link.yaml", withDestinationPath: "/etc/hostname")
        try FileManager.default.createSymbolicLink(
            atPath: repository.path + "/stacks/alias", withDestinationPath: "web")
        try repository.commit()
        let git = try GitRepository.open(containing: repository.path)
        let source = try git.source(revision: "main", folder: "stacks/web")
        #expect(try source.files(in: "") == ["link.yaml", "main.yaml", "stack.yaml"])
        let link = problem { () throws(Diagnostics) in try source.contents(of: "link.yaml") }
        #expect(link?.summary == "Symbolic link in the revision")
        for (folder, summary) in [
            ("stacks/sub", "Submodule in the revision"), ("stacks/alias", "Symbolic link in the revision"),
        ] {
            let refusal = problem { () throws(Diagnostics) in try git.source(revision: "main", folder: folder) }
            #expect(refusal?.summary == summary)
        }
    }

    @Test func namesThatAreNotUTF8() throws {
        let (repository, _) = try stack()
        func create(_ bytes: [UInt8]) {
            var name = Array((repository.path + "/stacks/web/").utf8.map { CChar(bitPattern: $0) })
            name += bytes.map { CChar(bitPattern: $0) } + [0]
            close(open(name, O_CREAT | O_WRONLY, 0o644))
        }
        create([0xE4] + Array(".txt".utf8))
        try repository.commit()
        let git = try GitRepository.open(containing: repository.path)
        #expect(try git.source(revision: "main", folder: "stacks/web").files(in: "") == ["main.yaml", "stack.yaml"])
        create([0xE4] + Array(".yaml".utf8))
        try repository.commit()
        let source = try git.source(revision: "main", folder: "stacks/web")
        let refusal = problem { () throws(Diagnostics) in try source.files(in: "") }
        #expect(refusal?.summary == "File name is not UTF-8")
    }

    @Test func noRepository() throws {
        let folder = "/tmp/plumb-no-git-\(getpid())"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let refusal = problem { () throws(Diagnostics) in try GitRepository.open(containing: folder) }
        #expect(refusal?.summary == "Not a Git repository")
    }

    @Test(arguments: [true, false])
    func damagedRepository(removed: Bool) throws {
        let (repository, _) = try stack()
        let blob = try repository.git("rev-parse", "HEAD:stacks/web/main.yaml")
        let object = repository.path + "/.git/objects/\(blob.prefix(2))/\(blob.dropFirst(2))"
        try FileManager.default.removeItem(atPath: object)
        if !removed { try Data("garbage".utf8).write(to: URL(filePath: object)) }
        let source = try GitRepository.open(containing: repository.path).source(revision: "main", folder: "stacks/web")
        let refusal = problem { () throws(Diagnostics) in try source.contents(of: "main.yaml") }
        #expect(refusal?.summary == (removed ? "Git object is missing" : "Git repository cannot be read"))
        #expect(refusal?.detail.contains("git fsck") == true)
    }

    @Test func brokenHead() throws {
        let (repository, _) = try stack()
        let git = try GitRepository.open(containing: repository.path)
        try Data((String(repeating: "1", count: 40) + "\n").utf8)
            .write(to: URL(filePath: repository.path + "/.git/refs/heads/main"))
        let head = problem { () throws(Diagnostics) in try git.head() }
        #expect(head?.detail.contains("git fsck") == true)
        let refusal = problem { () throws(Diagnostics) in try git.source(revision: "main", folder: "") }
        #expect(refusal != nil)
    }

    @Test(.enabled(if: geteuid() == 0, "only root can give files to another user"))
    func repositoryOfSomebodyElse() throws {
        let (repository, _) = try stack()
        chown(repository.path + "/.git", 65534, 65534)
        chown(repository.path, 65534, 65534)
        defer { chown(repository.path, 0, 0) }
        let refusal = problem { () throws(Diagnostics) in try GitRepository.open(containing: repository.path) }
        #expect(refusal?.summary == "Git repository belongs to somebody else")
        #expect(refusal?.detail.contains("safe.directory") == true)
    }

    @Test func readsFromManyTasks() async throws {
        let (repository, _) = try stack()
        let source = try GitRepository.open(containing: repository.path).source(revision: "main", folder: "stacks/web")
        let right = try await withThrowingTaskGroup(of: Bool.self) { group in
            for _ in 0..<64 { group.addTask { try source.contents(of: "stack.yaml")?.count == 11 } }
            return try await group.reduce(true) { $0 && $1 }
        }
        #expect(right)
    }
}
