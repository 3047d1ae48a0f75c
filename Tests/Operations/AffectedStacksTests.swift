import Operations
import PlumbModel
import Testing

/// Which stacks a change of files affects.
@Suite struct AffectedStacksTests {
    private static func stack(
        _ folder: String, files: Set<String> = ["stack.yaml", "main.yaml"], folders: Set<String> = ["."],
        namesRevision: Bool = false, isWhollyRead: Bool = true, upstream: Set<String> = []
    ) -> AffectedStacks.Stack {
        AffectedStacks.Stack(
            name: String(folder.split(separator: "/").last ?? "root"), folder: folder,
            reading: SourceReading(files: files, folders: folders, namesRevision: namesRevision),
            isWhollyRead: isWhollyRead, upstream: upstream)
    }

    private static let dns = stack("teams/a/dns", files: ["stack.yaml", "main.yaml", "../../../modules/net/main.yaml"])
    private static let web = stack("teams/b/web", files: ["stack.yaml", "main.yaml", "motd.txt"], upstream: ["dns"])
    private static let mail = stack("teams/b/mail", upstream: ["web"])
    private static let all = [dns, web, mail]

    private func names(
        _ changes: TreeChanges, before: [AffectedStacks.Stack] = all, after: [AffectedStacks.Stack] = all
    )
        -> [String]
    {
        AffectedStacks(before: before, after: after).affected(by: changes).map { "\($0.name) \($0.standing)" }
    }

    @Test func followsWhatWasRead() {
        #expect(names(TreeChanges(modified: ["README.md"])).isEmpty)
        #expect(names(TreeChanges()).isEmpty)
        #expect(names(TreeChanges(modified: ["teams/b/web/motd.txt"])) == ["web present"])
        #expect(names(TreeChanges(modified: ["modules/net/main.yaml"])) == ["dns present"])
        // Another stack's folder may begin alike.
        #expect(names(TreeChanges(modified: ["teams/b/web/motd.txt.bak"])).isEmpty)
        let found = AffectedStacks(before: Self.all, after: Self.all)
            .affected(by: TreeChanges(modified: ["modules/net/main.yaml", "teams/a/dns/main.yaml"]))
        #expect(found.first?.causes == ["modules/net/main.yaml", "teams/a/dns/main.yaml"])
    }

    @Test func followsWhatWasListed() {
        #expect(names(TreeChanges(added: ["teams/b/web/new.yaml"])) == ["web present"])
        #expect(names(TreeChanges(removed: ["teams/b/web/new.yaml"])) == ["web present"])
        // Deeper down nobody has looked.
        #expect(names(TreeChanges(added: ["teams/b/web/notes/new.yaml"])).isEmpty)
        #expect(
            names(TreeChanges(added: ["teams/b/web/notes/new.yaml"], folders: ["teams/b/web/notes"])) == [
                "web present"
            ])
        // A file that was looked for in vain.
        let root = Self.stack(".", files: ["stack.yaml", "local.yaml"], folders: [])
        #expect(names(TreeChanges(added: ["local.yaml"]), before: [root], after: [root]) == [". present"])
    }

    @Test func knowsNewGoneAndMovedStacks() {
        let added = TreeChanges(added: ["teams/b/mail/stack.yaml", "teams/b/mail/main.yaml"])
        #expect(names(added, before: [Self.dns, Self.web]) == ["mail added"])
        let removed = TreeChanges(removed: ["teams/b/mail/stack.yaml", "teams/b/mail/main.yaml"])
        #expect(names(removed, after: [Self.dns, Self.web]) == ["mail removed"])
        let moved = Self.stack("teams/c/mail")
        let move = TreeChanges(
            added: ["teams/c/mail/stack.yaml", "teams/c/mail/main.yaml"],
            removed: ["teams/b/mail/stack.yaml", "teams/b/mail/main.yaml"])
        #expect(names(move, after: [Self.dns, Self.web, moved]) == ["mail present"])
        // Of two with one name nobody can tell which has moved.
        let two = [Self.stack("x/mail"), Self.stack("y/mail")]
        #expect(names(move, before: [Self.mail], after: two) == ["mail removed", "mail added", "mail added"])
    }

    @Test func takesNoChances() {
        let named = Self.stack("teams/d/named", namesRevision: true)
        let broken = Self.stack("teams/d/broken", isWhollyRead: false)
        #expect(
            names(TreeChanges(modified: ["README.md"]), before: [named, broken], after: [named, broken])
                == ["broken present", "named present"])
        #expect(names(TreeChanges(), before: [named, broken], after: [named, broken]).isEmpty)
    }

    @Test func takesWhatIsAskedFor() throws {
        let stacks = AffectedStacks(before: Self.all, after: Self.all)
        let changes = TreeChanges(modified: ["teams/b/web/motd.txt"])
        #expect(stacks.affected(by: changes, including: .all).map(\.name) == ["dns", "mail", "web"])
        let some = try StackSelection(globs: ["teams/a/*", "ma?l"])
        #expect(stacks.affected(by: changes, including: some).map(\.name) == ["dns", "mail", "web"])
        let folder = try StackSelection(globs: ["teams/a/**"])
        #expect(stacks.affected(by: TreeChanges(), including: folder).map(\.name) == ["dns"])
        #expect(throws: Diagnostics.self) { try StackSelection(globs: ["teams/[a"]) }
    }

    @Test func followsOutputs() {
        let stacks = AffectedStacks(before: Self.all, after: Self.all)
        let chosen = stacks.affected(by: TreeChanges(modified: ["modules/net/main.yaml"]))
        #expect(stacks.dependents(ofOutputsOf: ["dns"], beside: chosen).map(\.name) == ["mail", "web"])
        #expect(stacks.dependents(ofOutputsOf: [], beside: chosen).isEmpty)
        // A circle ends.
        let circle = [Self.stack("a", upstream: ["b"]), Self.stack("b", upstream: ["a"])]
        #expect(
            AffectedStacks(before: circle, after: circle).dependents(ofOutputsOf: ["a"], beside: []).map(\.name) == [
                "a", "b",
            ])
    }
}
