import Foundation
import GitFixtures
import PlumbModel
import Repositories
import Synchronization
import Testing

/// What is new in a repository, and what happens when it is not as it was.
struct FollowedRepositoryTests {
    @Test(arguments: ["path", "http"])
    func eachLookTellsWhatHasHappened(_ way: String) async throws {
        let it = try Following()
        let server = way == "http" ? try await GitServer("http", it.origin.path) : nil
        let url = server.map { "http://127.0.0.1:\($0.port)/.git" }
        let followed = it.repository(url: url)
        let first = try it.commit("a", "1", "The first\n\nwith more")
        var found = try followed.newest()
        #expect(found.change == .first)
        #expect(found.commit == first)
        #expect(found.subject == "The first")
        #expect(found.author == "Test <test@example.org>")
        #expect(abs(found.committedAt - Date().timeIntervalSince1970) < 100)
        #expect((found.name, found.branch) == ("main", "main"))
        #expect(try followed.newest().change == .unchanged)
        let second = try it.commit("a", "2")
        let third = try it.commit("a", "3")
        found = try followed.newest()
        #expect((found.commit, found.change) == (third, .forward))
        // Back to what was there before, then somewhere else: both lose commits.
        try it.origin.git("reset", "-q", "--hard", second)
        #expect(try followed.newest().change == .rewritten(from: third))
        try it.origin.git("commit", "-q", "--amend", "-m", "otherwise")
        found = try followed.newest()
        #expect(found.change == .rewritten(from: second))
        // Another process, or one after a restart, goes on from there.
        #expect(try it.repository(url: url).newest().change == .unchanged)
        #expect(try it.repository(url: url).last()?.commit == found.commit)
        for (commit, text) in [(first, "1"), (second, "2"), (third, "3"), (found.commit, "2")] {
            if commit == second { continue }
            #expect(try followed.text(commit, "a") == text)
        }
    }

    @Test func everyTargetLeadsToItsCommit() throws {
        let it = try Following()
        var commits: [String: String] = [:]
        for tag in ["v1.0.0", "v1.2.0", "v1.10.0", "v2.0.0-rc.1", "v2.0.0", "nightly"] {
            commits[tag] = try it.commit("a", tag)
            try it.origin.git("tag", "-a", tag, "-m", tag)
        }
        commits["side"] = commits["v1.2.0"]
        try it.origin.git("branch", "side", "v1.2.0^{commit}")
        let targets: [(RepositoryDeclaration.Target, String, String?, String)] = [
            (.defaultBranch, "nightly", "main", "main"), (.branch("side"), "side", "side", "side"),
            (.tag("v1.2.0"), "v1.2.0", nil, "v1.2.0"), (.newestTag(matching: "^1.0"), "v1.10.0", nil, "v1.10.0"),
            (.newestTag(matching: ">=2.0.0-rc.1 <2.0.0"), "v2.0.0-rc.1", nil, "v2.0.0-rc.1"),
            (.newestTag(matching: "*"), "v2.0.0", nil, "v2.0.0"),
            (.commit(commits["v1.0.0"] ?? ""), "v1.0.0", nil, commits["v1.0.0"] ?? ""),
        ]
        for (target, key, branch, name) in targets {
            let found = try it.repository(target).newest()
            #expect(found.commit == commits[key], "\(target)")
            #expect(found.branch == branch, "\(target)")
            #expect(found.name == name, "\(target)")
        }
        #expect(try it.repository(.newestTag(matching: "*")).last()?.name == "v2.0.0")
        #expect(it.repository(.newestTag(matching: "^3")).refusal()?.hasPrefix("No version in the range: ") == true)
        #expect(it.repository(.newestTag(matching: "so")).refusal()?.hasPrefix("Invalid version range: ") == true)
        #expect(it.repository(.commit("abc")).refusal()?.hasPrefix("Invalid commit: ") == true)
        let nowhere = it.repository(.commit(String(repeating: "0", count: 40))).refusal()
        #expect(nowhere?.hasPrefix("Commit is gone: ") == true, "\(nowhere ?? "none")")
    }

    @Test func aNewerVersionIsForwardAlsoFromABranchOfItsOwn() throws {
        let it = try Following()
        try it.commit("a", "1")
        try it.origin.git("tag", "v1.0.0")
        let followed = it.repository(.newestTag(matching: "^1"))
        #expect(try followed.newest().change == .first)
        try it.origin.git("checkout", "-q", "--orphan", "other")
        let second = try it.commit("a", "2")
        try it.origin.git("tag", "v1.1.0")
        #expect(try followed.newest().change == .forward)
        try it.origin.git("tag", "-d", "v1.1.0")
        #expect(try followed.newest().change == .rewritten(from: second))
    }

    @Test func aMovedTagIsRefusedAndTheOldOneStays() throws {
        let it = try Following()
        let first = try it.commit("a", "1")
        try it.origin.git("tag", "v1.0.0")
        for target in [RepositoryDeclaration.Target.tag("v1.0.0"), .newestTag(matching: "*")] {
            _ = try it.repository(target).newest()
        }
        let second = try it.commit("a", "2")
        try it.origin.git("tag", "-f", "v1.0.0")
        for target in [RepositoryDeclaration.Target.tag("v1.0.0"), .newestTag(matching: "*")] {
            let followed = it.repository(target)
            let problem = followed.refusal()
            #expect(problem?.hasPrefix("Tag was moved: ") == true, "\(problem ?? "none")")
            #expect(problem?.contains(String(first.prefix(12))) == true && problem?.contains(second) == true)
            #expect(try followed.last()?.commit == first)
            #expect(try followed.text(first, "a") == "1")
        }
    }

    @Test func whatIsGoneIsSaidAndWhatWasThereStays() throws {
        let it = try Following()
        let empty = it.repository().refusal()
        #expect(
            empty?.hasPrefix("Git repository is empty: \(it.origin.path) has no branch and no tag: nothing") == true)
        let commit = try it.commit("a", "1")
        let typo = it.repository(.branch("mian")).refusal()
        #expect(typo == "Unknown branch: \(it.origin.path) has no branch \"mian\". Did you mean \"main\"?")
        let followed = it.repository()
        _ = try followed.newest()
        try it.origin.git("branch", "-m", "main", "trunk")
        let deleted = followed.refusal()
        #expect(deleted?.hasPrefix("Branch was deleted: ") == true, "\(deleted ?? "none")")
        #expect(deleted?.contains("The commit \(commit.prefix(12)), which was there before, stays in use.") == true)
        #expect(deleted?.contains("It has: trunk.") == true)
        #expect(try followed.last()?.commit == commit)
        try FileManager.default.moveItem(atPath: it.origin.path, toPath: it.home.path + "/away")
        #expect(followed.refusal()?.hasPrefix("Git repository cannot be reached: ") == true)
        #expect(try followed.text(commit, "a") == "1")
        #expect(try followed.stackFolders(at: commit, under: ["**"]) == [])
        let unknown = problem { () throws(Diagnostics) in
            _ = try followed.source(at: String(repeating: "1", count: 40), folder: "")
        }
        #expect(unknown?.hasPrefix("Commit is not in the cache: ") == true, "\(unknown ?? "none")")
        try FileManager.default.moveItem(atPath: it.home.path + "/away", toPath: it.origin.path)
    }

    @Test(arguments: ["blob", "pack", "HEAD", "everything"])
    func aDamagedCacheIsMadeAnew(_ what: String) throws {
        let it = try Following()
        let old = try it.commit("a", "1")
        let followed = it.repository()
        _ = try followed.newest()
        let commit = try it.commit("a", String(repeating: "content ", count: 100))
        #expect(try followed.newest().change == .forward)
        let path = it.cachePath()
        switch what {
        case "blob":
            // Only the file's content is spoilt, so that it shows when it is read, and not before.
            try it.home.git("repack", "-adq", in: path)
            try it.home.shell("rm -f '\(path)'/objects/pack/*.keep; chmod u+w '\(path)'/objects/pack/*")
            let blob = try it.origin.git("rev-parse", "HEAD:a")
            try it.home.shell(
                "mkdir -p t && mv '\(path)'/objects/pack/* t && for p in t/*.pack; do git -C '\(path)' unpack-objects -q < $p; done"
            )
            let file = "\(path)/objects/\(blob.prefix(2))/\(blob.dropFirst(2))"
            try it.home.shell("chmod u+w '\(file)' && printf spoilt > '\(file)'")
        case "pack":
            try it.home.shell("chmod -R u+w '\(path)'; for f in '\(path)'/objects/pack/*; do printf x > $f; done")
        case "HEAD": try it.home.shell("rm '\(path)/HEAD'")
        default: try it.home.shell("rm -rf '\(path)'")
        }
        if what == "blob" {
            let told = problem { () throws(Diagnostics) in
                _ = try followed.source(at: commit, folder: "").contents(of: "a")
            }
            #expect(told?.hasPrefix("Repository cache is damaged: ") == true, "\(told ?? "none")")
        }
        let found = try followed.newest()
        #expect((found.commit, found.change) == (commit, .unchanged))
        #expect(try followed.text(commit, "a")?.hasPrefix("content ") == true)
        if what == "blob" { #expect(try followed.text(old, "a") == "1") }
        #expect(!FileManager.default.fileExists(atPath: path + ".old"))
    }

    @Test func revisionsAreReadWhileAFetchGoesOn() async throws {
        let it = try Following()
        let followed = it.repository()
        let commits = try (0..<4).map { number in
            try it.commit("stacks/s\(number)/stack.yaml", "stack: s\(number)")
            return try followed.newest().commit
        }
        let problems = Mutex<[String]>([])
        let reads = Mutex(0)
        DispatchQueue.concurrentPerform(iterations: 6) { number in
            do {
                if number == 5 {
                    for round in 0..<10 {
                        try it.commit("a", "\(round)")
                        if try followed.newest().change != .forward {
                            problems.withLock { $0.append("round \(round) is not forward") }
                        }
                    }
                    return
                }
                for _ in 0..<40 {
                    let index = reads.withLock { reads in
                        reads += 1
                        return reads % 4
                    }
                    let folders = try followed.stackFolders(at: commits[index], under: ["stacks/*"])
                    let text = try followed.source(at: commits[index], folder: "stacks/s\(index)").contents(
                        of: "stack.yaml")
                    if folders.count != index + 1 || text != Array("stack: s\(index)".utf8) {
                        problems.withLock { $0.append("\(index): \(folders)") }
                    }
                }
            } catch {
                problems.withLock { $0.append("\(number): \(error)") }
            }
        }
        #expect(problems.withLock { $0 } == [])
    }
}
