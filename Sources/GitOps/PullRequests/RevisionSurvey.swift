internal import Operations
internal import PlumbModel
internal import Repositories

/// What lies between the two commits of a pull request: what has changed, and where stacks are at either.
struct RevisionSurvey: Sendable {
    let range: RevisionRange
    let changes: TreeChanges
    /// The folders of stacks where the pull request begins; `.` is the root.
    let before: [String]
    /// Those at its newest commit.
    let after: [String]
    /// What the base branch has changed since the pull request began; nil where nobody knows.
    let meanwhile: TreeChanges?
    /// All folders that something changed in, at any depth.
    private let touched: Set<String>

    init(_ tree: any RevisionTree, _ range: RevisionRange, _ globs: [String]) throws(Diagnostics) {
        self.range = range
        changes = try tree.changes(from: range.base, to: range.head)
        before = try tree.stackFolders(at: range.base, under: globs).map { $0.isEmpty ? "." : $0 }
        after = try tree.stackFolders(at: range.head, under: globs).map { $0.isEmpty ? "." : $0 }
        if let target = range.target, target != range.base {
            meanwhile = try tree.changes(from: range.base, to: target)
        } else {
            meanwhile = nil
        }
        var touched: Set<String> = []
        for path in changes.modified.union(changes.added).union(changes.removed) {
            var rest = path[...]
            while let slash = rest.lastIndex(of: "/") {
                rest = rest[..<slash]
                guard touched.insert(String(rest)).inserted else { break }
            }
            touched.insert(".")
        }
        self.touched = touched
    }

    /// Whether a stack reads what has changed.
    func affects(_ stack: AffectedStacks.Stack, _ selection: StackSelection) -> Bool {
        // Most stacks are far from what has changed, and need not be held against all of it.
        guard
            mayAffect(stack.folder, stack.reading) || stack.reading.namesRevision || !stack.isWhollyRead
                || selection.wants(stack) || stack.reading.files.contains(where: { isNear(stack.folder + "/" + $0) })
        else { return false }
        // Held against itself, so that it does not count as new.
        return !AffectedStacks(before: [stack], after: [stack]).affected(by: changes, including: selection).isEmpty
    }

    /// Whether a stack might read what has changed once it is planned: some files are only read then, and all of them lie in
    /// its folder or in those of its modules.
    func mayAffect(_ folder: String, _ reading: SourceReading) -> Bool {
        touched.contains(folder)
            || reading.folders.contains { touched.contains(FileName.normal(folder + "/" + $0)) }
    }

    private func isNear(_ file: String) -> Bool {
        let path = FileName.normal(file)
        return touched.contains(path.lastIndex(of: "/").map { String(path[..<$0]) } ?? ".")
    }

    /// Whether anything in a stack's own folder has changed.
    func touches(_ folder: String) -> Bool { touched.contains(folder) }

    /// Whether the base branch has changed since what a stack reads.
    func isBehind(_ stack: AffectedStacks.Stack) -> Bool {
        guard let meanwhile, stack.isWhollyRead, !stack.reading.namesRevision else { return false }
        return !AffectedStacks(before: [stack], after: [stack]).affected(by: meanwhile).isEmpty
    }
}
