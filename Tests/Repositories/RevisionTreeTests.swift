import GitFixtures
import PlumbModel
import Repositories
import Testing

/// What lies between two commits, held against Git itself.
struct RevisionTreeTests {
    private static func revisions(_ repository: TemporaryRepository) throws -> LocalRevisions {
        LocalRevisions(try GitRepository.open(containing: repository.path), branch: "main")
    }

    @Test func changesAreThoseThatGitTells() throws {
        let repository = try TemporaryRepository()
        for name in ["a.txt", "keep/same.txt", "gone/x.txt", "gone/deep/y.txt", "swap/in.txt", "file"] {
            try repository.write(name, name)
        }
        try repository.write("mode.sh", "echo")
        let old = try repository.commit()
        try repository.write("a.txt", "other")
        try repository.shell(
            "rm -r gone swap file && ln -s a.txt link && echo x > swap && mkdir file && echo y > file/in")
        try repository.write("new/deep/z.txt", "z")
        let new = try repository.commit()
        let changes = try Self.revisions(repository).changes(from: old, to: new)
        var told: [String: Set<String>] = [:]
        for line in try repository.git("diff", "--no-renames", "--name-status", old, new).split(separator: "\n") {
            let parts = line.split(separator: "\t", maxSplits: 1)
            told[String(parts[0]), default: []].insert(String(parts[1]))
        }
        #expect(changes.modified == told["M"] ?? [])
        #expect(changes.added == told["A"] ?? [])
        #expect(changes.removed == told["D"] ?? [])
        #expect(changes.folders == ["gone", "gone/deep", "swap", "file", "new", "new/deep"])
        #expect(try Self.revisions(repository).changes(from: new, to: new).isEmpty)
    }

    /// Few objects can be read at very many paths: what all of these would take is bounded before their number is.
    @Test func aSmallCommitThatStandsForVeryManyLongPathsIsNotLookedThrough() throws {
        let repository = try TemporaryRepository()
        try repository.write("a", "a")
        let old = try repository.commit()
        // 2^14 folders, far down.
        let new = try repository.shell(
            """
            name=$(printf '%0240d' 0)
            blob=$(echo x | git hash-object -w --stdin)
            tree=$(printf '100644 blob %s\tf\n' $blob | git mktree)
            for i in $(seq 13); do
                tree=$(printf '040000 tree %s\ta%s\n040000 tree %s\tb%s\n' $tree $name $tree $name | git mktree)
            done
            for i in $(seq 40); do tree=$(printf '040000 tree %s\ta%s\n' $tree $name | git mktree); done
            git -c user.name=x -c user.email=x@example.org commit-tree -m bomb -p \(old) $tree
            """)
        let revisions = try Self.revisions(repository)
        let problems = #expect(throws: Diagnostics.self) { _ = try revisions.changes(from: old, to: new) }
        #expect(problems?.all.map(\.summary) == ["Too many changed folders"])
    }

    @Test func theMergeBaseIsWhereBranchesHaveParted() throws {
        let repository = try TemporaryRepository()
        try repository.write("stacks/a/stack.yaml", "stack: a\n")
        let base = try repository.commit()
        try repository.git("checkout", "-q", "-b", "change")
        try repository.write("b", "b")
        let head = try repository.commit()
        try repository.git("checkout", "-q", "main")
        try repository.write("c", "c")
        let tip = try repository.commit()
        let revisions = try Self.revisions(repository)
        #expect(try revisions.mergeBase(of: head, and: tip) == base)
        #expect(try revisions.commit("change") == head)
        #expect(try revisions.stackFolders(at: head, under: ["**"]) == ["stacks/a"])
        try repository.git("checkout", "-q", "--orphan", "other")
        let other = try repository.commit("alone")
        #expect {
            try revisions.mergeBase(of: other, and: tip)
        } throws: {
            ($0 as? Diagnostics)?.all.first?.summary == "Commits have no common history"
        }
    }

    @Test func aFollowedRepositoryKeepsTheMergeBaseReadable() throws {
        let repository = try TemporaryRepository()
        try repository.write("stacks/a/stack.yaml", "stack: a\n")
        let base = try repository.commit()
        try repository.write("b", "b")
        let first = try repository.commit()
        let cache = try TemporaryRepository()
        let followed = FollowedRepository(
            RepositoryDeclaration(name: "infra", url: repository.path), cache: cache.path + "/cache", environment: [:])
        #expect(try followed.newest().commit == first)
        try repository.git("reset", "-q", "--hard", base)
        try repository.write("c", "c")
        let second = try repository.commit()
        #expect(try followed.newest().commit == second)
        #expect(throws: Diagnostics.self) { try followed.stackFolders(at: base, under: ["**"]) }
        #expect(try followed.mergeBase(of: first, and: second) == base)
        #expect(try followed.stackFolders(at: base, under: ["**"]) == ["stacks/a"])
        #expect(try followed.changes(from: base, to: second).added == ["c"])
        _ = try followed.tidy(keeping: [])
        #expect(throws: Diagnostics.self) { try followed.stackFolders(at: base, under: ["**"]) }
    }
}
