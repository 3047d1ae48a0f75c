import Foundation
import GitFixtures
import PlumbModel
import Repositories
import Testing

/// Which stacks a commit holds, and when one of them has changed.
struct FollowedContentsTests {
    @Test func stacksAreFoundByPatterns() throws {
        let it = try Following()
        for folder in ["", "stacks/web/", "stacks/db/", "stacks/db/inner/", "teams/a/x/", ".hidden/", "stacks/.off/"] {
            try it.origin.write(folder + "stack.yaml", "stack: a")
        }
        try it.origin.write("stacks/empty/main.yaml", "a: 1")
        try it.origin.write("stacks/folder/stack.yaml/file", "none")
        // Whoever follows links finds these twice, or leaves the repository.
        try it.origin.shell(
            "ln -s stacks linked; ln -s /etc outside; mkdir stacks/l; ln -s ../web/stack.yaml stacks/l/stack.yaml")
        let other = try Following()
        try other.commit("stack.yaml", "stack: other")
        try it.origin.git("submodule", "add", "-q", other.origin.path, "stacks/sub")
        try it.origin.commit()
        let followed = it.repository()
        let commit = try followed.newest().commit
        func found(_ globs: String...) throws -> [String] { try followed.stackFolders(at: commit, under: globs) }
        let all = ["", "stacks/db", "stacks/db/inner", "stacks/web", "teams/a/x"]
        #expect(try found("**") == all)
        #expect(try found("stacks/*") == ["stacks/db", "stacks/web"])
        #expect(try found("stacks/**") == ["stacks/db", "stacks/db/inner", "stacks/web"])
        #expect(try found("stacks/web", "teams/*/{x,y}/") == ["stacks/web", "teams/a/x"])
        #expect(try found(".") == [""])
        #expect(try found("./stacks/web", "stacks/*") == ["stacks/db", "stacks/web"])
        #expect(try found("nothing/*") == [])
        for wrong in ["../x", "/stacks", "stacks/[a", "{a"] {
            let told = problem { () throws(Diagnostics) in _ = try followed.stackFolders(at: commit, under: [wrong]) }
            #expect(told?.hasPrefix("Invalid pattern for stacks: \"\(wrong)\"") == true, "\(wrong): \(told ?? "none")")
        }
    }

    @Test func onlyWhatWasReadChangesAHash() throws {
        let it = try Following()
        try it.origin.write("stacks/web/stack.yaml", "stack: web")
        try it.origin.write("stacks/web/main.yaml", "a: 1")
        try it.origin.write("stacks/web/README", "words")
        try it.origin.write("modules/net/main.yaml", "b: 1")
        try it.origin.write("modules/other/main.yaml", "c: 1")
        try it.origin.commit()
        let followed = it.repository()
        let reading = SourceReading(
            files: ["stack.yaml", "main.yaml", "plumb.lock.yaml", "../../modules/net/main.yaml", "certs/ca.pem"],
            folders: [".", "../../modules/net", "extra"])
        var naming = reading
        naming.namesRevision = true
        var hashes: [[String]] = []
        /// What changes when something is done: the stack, one that names its revision, one of which nothing is known.
        func changes(_ body: () throws -> Void) throws -> [Bool] {
            try body()
            try it.origin.commit()
            let commit = try followed.newest().commit
            hashes.append(
                try followed.contentHashes(
                    of: [("stacks/web", reading), ("stacks/web", naming), ("stacks/web", nil)], at: commit))
            // A process that starts anew has the same.
            #expect(
                try it.repository().contentHash(of: reading, folder: "stacks/web", at: commit) == hashes.last?.first)
            let old = hashes.count > 1 ? hashes[hashes.count - 2] : []
            return zip(hashes[hashes.count - 1], old).map { $0 != $1 }
        }
        #expect(try changes { try it.origin.write("x", "") } == [])
        #expect(Set(hashes[0]).count == 3 && hashes[0].allSatisfy { $0.utf8.count == 64 })
        let unchanged = [false, true, true]
        let changed = [true, true, true]
        #expect(try changes { try it.origin.write("unrelated", "1") } == unchanged)
        #expect(try changes { try it.origin.write("stacks/web/README", "other words") } == unchanged)
        #expect(try changes { try it.origin.write("modules/other/main.yaml", "c: 2") } == unchanged)
        #expect(try changes { try it.origin.write("stacks/web/main.yaml", "a: 2") } == changed)
        #expect(try changes { try it.origin.write("stacks/web/more.yaml", "a: 3") } == changed)
        #expect(try changes { try it.origin.write("stacks/web/more.yaml", "a: 4") } == unchanged)
        #expect(try changes { try it.origin.write("modules/net/main.yaml", "b: 2") } == changed)
        #expect(try changes { try it.origin.write("modules/net/more.yaml", "b: 3") } == changed)
        #expect(try changes { try it.origin.write("stacks/web/certs/ca.pem", "looked for, and there now") } == changed)
        #expect(try changes { try it.origin.write("stacks/web/extra/one", "in a folder that was listed") } == changed)
        #expect(try changes { try it.origin.git("rm", "-q", "stacks/web/more.yaml") } == changed)
        #expect(try changes { try it.origin.git("mv", "stacks/web/README", "stacks/web/LIESMICH") } == changed)
        let root = SourceReading(files: ["unrelated"], folders: ["."])
        let outside = SourceReading(files: ["../../../etc/passwd"], folders: ["../../.."])
        let commit = try followed.newest().commit
        #expect(try followed.contentHash(of: root, folder: "", at: commit).utf8.count == 64)
        #expect(try followed.contentHash(of: outside, folder: "stacks/web", at: commit).utf8.count == 64)
    }

    /// 1,000 stacks among 20,000 files: one commit that touches one of them changes one hash.
    @Test func aThousandStacksAreLookedAtInOnePass() throws {
        let it = try Following()
        let clock = ContinuousClock()
        try it.origin.shell(
            """
            awk 'BEGIN { for (s = 0; s < 1000; s++) {
                d = sprintf("stacks/t%d/s%d", s % 20, s); system("mkdir -p " d);
                print "stack: s" s > (d "/stack.yaml"); close(d "/stack.yaml");
                for (f = 0; f < 18; f++) { n = d "/f" f ".yaml"; print s, f > n; close(n) } } }'
            mkdir -p modules/net docs; echo "a: 1" > modules/net/main.yaml
            i=0; while [ $i -lt 1000 ]; do echo $i > docs/$i.md; i=$((i+1)); done
            """)
        try it.origin.commit()
        #expect(try it.origin.git("ls-files").split(separator: "\n").count == 20_001)
        let followed = it.repository()
        var commit = ""
        var folders: [String] = []
        var hashes: [String] = []
        let reading = SourceReading(
            files: Set((0..<18).map { "f\($0).yaml" } + ["stack.yaml", "../../../modules/net/main.yaml"]),
            folders: [".", "../../../modules/net"])
        func stacks() -> [(folder: String, reading: SourceReading?)] { folders.map { ($0, reading) } }
        func told<Result>(_ what: String, _ body: () throws -> Result) rethrows -> Result {
            let begin = clock.now
            let result = try body()
            print("\(what): \(clock.now - begin)")
            return result
        }
        commit = try told("first fetch") { try followed.newest().commit }
        #expect(try told("newest, unchanged") { try followed.newest().change } == .unchanged)
        folders = try told("1,000 stacks") { try followed.stackFolders(at: commit, under: ["stacks/**"]) }
        #expect(folders.count == 1000)
        #expect(try followed.stackFolders(at: commit, under: ["stacks/t7/*"]).count == 50)
        hashes = try told("1,000 hashes") { try followed.contentHashes(of: stacks(), at: commit) }
        #expect(Set(hashes).count == 1000)
        try it.commit("stacks/t7/s7/f3.yaml", "changed")
        let next = try followed.newest()
        #expect(next.change == .forward)
        let later = try told("1,000 hashes after one commit") {
            try followed.contentHashes(of: stacks(), at: next.commit)
        }
        let changed = zip(folders, zip(hashes, later)).filter { $0.1.0 != $0.1.1 }.map(\.0)
        #expect(changed == ["stacks/t7/s7"])
        let again = try told("1,000 stacks after one commit") {
            try followed.stackFolders(at: next.commit, under: ["stacks/**"])
        }
        #expect(again == folders)
    }
}
