public import PlumbModel

/// Tells which stacks of a repository a change affects: those that read what has changed, and those that wait for others.
public struct AffectedStacks: Sendable {
    /// A stack as one of the two commits has it.
    public struct Stack: Sendable {
        public let name: String
        /// From the root of the repository; `.` for the root.
        public let folder: String
        public let reading: SourceReading
        /// Whether all that it reads is known: not so where its specs could not be read to the end.
        public let isWhollyRead: Bool
        /// The stacks whose outputs it takes, by name.
        public let upstream: Set<String>

        public init(
            name: String, folder: String, reading: SourceReading, isWhollyRead: Bool = true, upstream: Set<String> = []
        ) {
            self.name = name
            self.folder = folder
            self.reading = reading
            self.isWhollyRead = isWhollyRead
            self.upstream = upstream
        }
    }

    /// A stack that is to be planned.
    public struct Affected: Sendable, Hashable {
        public let name: String
        public let folder: String
        public let standing: PullRequestPlans.Stack.Standing
        /// The paths for which it is, sorted; of a stack that was asked for, none.
        public let causes: [String]
    }

    private let before: [Stack]
    private let after: [Stack]

    /// - Parameters:
    ///   - before: the stacks of the commit that the pull request begins at.
    ///   - after: those of its newest commit.
    public init(before: [Stack], after: [Stack]) {
        self.before = before
        self.after = after
    }

    /// Sorted by folder; those that are gone stand at the folders that they had.
    public func affected(by changes: TreeChanges) -> [Affected] {
        affected(by: changes, including: StackSelection.changed)
    }

    /// - Parameter selection: stacks that are wanted whether they are affected or not.
    public func affected(by changes: TreeChanges, including selection: StackSelection) -> [Affected] {
        let changed = changes.modified.union(changes.added).union(changes.removed)
        // Whoever lists a folder sees what comes and goes in it, and nothing of what its files hold.
        let listings = Set((changes.added.union(changes.removed).union(changes.folders)).map(Self.folder(of:)))
        var found: [Affected] = []
        var gone = Dictionary(before.map { ($0.folder, $0) }, uniquingKeysWith: { first, _ in first })
        let stayed = Dictionary(after.map { ($0.folder, $0) }, uniquingKeysWith: { first, _ in first })
        for stack in stayed.values {
            let old = gone.removeValue(forKey: stack.folder) ?? Self.moved(stack, &gone, stayed)
            var causes = causes(of: stack, changed, listings)
            if let old, old.folder != stack.folder || old.name != stack.name {
                causes.formUnion(self.causes(of: old, changed, listings))
            }
            guard !causes.isEmpty || old == nil || selection.wants(stack) else { continue }
            found.append(
                Affected(
                    name: stack.name, folder: stack.folder, standing: old == nil ? .added : .present,
                    causes: causes.sorted()))
        }
        for stack in gone.values {
            let causes = causes(of: stack, changed, listings)
            found.append(
                Affected(name: stack.name, folder: stack.folder, standing: .removed, causes: causes.sorted()))
        }
        return found.sorted { ($0.folder, $0.name) < ($1.folder, $1.name) }
    }

    /// The stacks that take outputs of those whose outputs change, directly or not: they are planned too. `chosen` is what
    /// is planned already.
    public func dependents(ofOutputsOf names: Set<String>, beside chosen: [Affected]) -> [Affected] {
        var known = Set(chosen.map(\.folder))
        var pending = Array(names)
        var seen = names
        var found: [Affected] = []
        while let name = pending.popLast() {
            for stack in after where stack.upstream.contains(name) {
                if seen.insert(stack.name).inserted { pending.append(stack.name) }
                guard known.insert(stack.folder).inserted else { continue }
                found.append(Affected(name: stack.name, folder: stack.folder, standing: .present, causes: [name]))
            }
        }
        return found.sorted { ($0.folder, $0.name) < ($1.folder, $1.name) }
    }

    /// A stack that has another folder now is known by its name, where that leaves no doubt.
    private static func moved(
        _ stack: Stack, _ gone: inout [String: Stack], _ stayed: [String: Stack]
    ) -> Stack? {
        let namesakes = gone.values.filter { $0.name == stack.name && stayed[$0.folder] == nil }
        guard namesakes.count == 1, let one = namesakes.first,
            stayed.values.count(where: { $0.name == stack.name }) == 1
        else { return nil }
        gone[one.folder] = nil
        return one
    }

    private func causes(of stack: Stack, _ changed: Set<String>, _ listings: Set<String>) -> Set<String> {
        guard !changed.isEmpty else { return [] }
        let files = Set(stack.reading.files.map { FileName.normal(stack.folder + "/" + $0) })
        var causes = files.intersection(changed)
        let folders = Set(stack.reading.folders.map { FileName.normal(stack.folder + "/" + $0) })
        causes.formUnion(folders.intersection(listings))
        if stack.reading.namesRevision || !stack.isWhollyRead, causes.isEmpty {
            causes.insert(stack.folder)
        }
        return causes
    }

    private static func folder(of path: String) -> String {
        path.utf8.lastIndex(of: UInt8(ascii: "/")).map { String(path[..<$0]) } ?? "."
    }
}

/// Stacks that a user wants planned beside those that are affected: all of them, or those that patterns name.
public struct StackSelection: Sendable {
    private let patterns: [GlobPattern]
    private let isAll: Bool

    /// None but the affected ones.
    public static let changed = StackSelection(patterns: [], isAll: false)
    public static let all = StackSelection(patterns: [], isAll: true)

    private init(patterns: [GlobPattern], isAll: Bool) {
        self.patterns = patterns
        self.isAll = isAll
    }

    /// - Parameter globs: of folders (`teams/*/dns`) or names (`dns-*`).
    /// - Throws: those that are no patterns.
    public init(globs: [String]) throws(Diagnostics) {
        var patterns: [GlobPattern] = []
        var problems = Diagnostics()
        for glob in globs {
            do throws(GlobPattern.Malformed) {
                patterns += try GlobPattern.all(in: glob)
            } catch {
                problems.append(
                    .error(
                        "Invalid pattern",
                        "The pattern \"\(glob)\" for stacks cannot be read: \(error.reason). Write one such as `teams/*/dns`."
                    ))
            }
        }
        try problems.throwIfErrors()
        self.init(patterns: patterns, isAll: false)
    }

    public func wants(_ stack: AffectedStacks.Stack) -> Bool {
        isAll || patterns.contains { $0.matches(stack.folder) || $0.matches(stack.name) }
    }
}
