public import Operations
internal import Planning
public import PlumbModel
public import Repositories

#if canImport(Glibc)
    internal import Glibc
#endif

/// Plans the stacks that a pull request affects, from the objects of its repository alone: nothing is checked out, no lease is
/// taken, and nothing is changed. A stack that cannot be planned says why, and stops none of the others.
public struct PullRequestPlanner: Sendable {
    private let opening: StackOpening
    private let shelf: PlanShelf?
    private let width: Int

    /// - Parameters:
    ///   - holder: this process.
    ///   - defaults: what a controller puts in the place of what stacks do not say; with them, plans are what it would do.
    ///   - directory: where the own files of a stack are (its default state, its key, its caches), by its folder in the
    ///     repository; `.` is the root.
    ///   - trust: how far whoever wrote the pull request is believed.
    ///   - shelf: where the plans are kept, to be applied as they are; nil where they are only to be looked at.
    ///   - width: so many stacks at once.
    public init(
        _ tree: any RevisionTree, capabilities: Capabilities, environment: [String: String], holder: LeaseHolder,
        defaults: StackDefaults? = nil, directory: @escaping @Sendable (String) -> String, trust: StackTrust = .full,
        shelf: PlanShelf? = nil, width: Int = 4
    ) {
        opening = StackOpening(
            tree: tree, capabilities: capabilities, environment: environment, holder: holder, defaults: defaults,
            directory: directory, trust: trust)
        // What a stranger's specs make is no plan to be carried out.
        self.shelf = trust == .full ? shelf : nil
        self.width = width
    }

    /// - Parameters:
    ///   - number: of the pull request, for the record.
    ///   - globs: the folders that count as stacks, such as `stacks/*` and `**`.
    ///   - selection: stacks that are planned whether they are affected or not.
    ///   - previous: the record of the look before.
    /// - Throws: that the commits cannot be read, or that it was cancelled.
    public func plan(
        _ range: RevisionRange, of number: Int, under globs: [String] = ["**"],
        selection: StackSelection = .changed, previous: PullRequestRecord? = nil
    ) async throws(Diagnostics) -> PlannedPullRequest {
        let tree = opening.tree
        let survey = try await BlockingWork.run { () throws(Diagnostics) in
            try RevisionSurvey(tree, range, globs)
        }
        let planning = StackPlanning(
            opening: opening, shelf: shelf, survey: survey, selection: selection, previous: previous,
            terms: StrangersTerms(range))
        let looks = await survey.after.mapped(atMost: width) { await planning.look(at: $0) }
        let formerNames = await formerNames(survey)
        let stacks = AffectedStacks(before: Self.former(survey, looks, formerNames), after: looks.map(\.stack))
        var affected = stacks.affected(by: survey.changes, including: selection)
        var planned: [String: PlannedStack] = [:]
        for look in looks { planned[look.stack.folder] = look.planned }
        let missing = affected.filter { $0.standing == .removed || planned[$0.folder] == nil }
        for (one, result) in zip(missing, await missing.mapped(atMost: width) { await planning.plan($0) }) {
            planned[one.folder] = result
        }
        let moving = Set(affected.filter { planned[$0.folder]?.changesOutputs ?? false }.map(\.name))
        let dependents = stacks.dependents(ofOutputsOf: moving, beside: affected)
        for (one, result) in zip(dependents, await dependents.mapped(atMost: width) { await planning.plan($0) }) {
            planned[one.folder] = result
        }
        guard !Task.isCancelled else { throw Diagnostics(Self.stopped) }
        affected = (affected + dependents).sorted { ($0.folder, $0.name) < ($1.folder, $1.name) }
        return PullRequestAssembly(
            survey: survey, affected: affected, planned: planned, stacks: looks.map(\.stack),
            formerNames: formerNames, number: number, previous: previous,
            isOfStranger: opening.trust == .stranger, now: Self.now
        ).made()
    }

    static let stopped = Diagnostic.error(
        "Planning was stopped", "The run was told to stop before all stacks were planned.")

    /// Seconds since 1970.
    private static var now: Double {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }

    /// The stacks where the pull request begins. Of those that are still there, nothing but the name counts.
    private static func former(
        _ survey: RevisionSurvey, _ looks: [StackLook], _ names: [String: String]
    ) -> [AffectedStacks.Stack] {
        let current = Dictionary(
            looks.map { ($0.stack.folder, $0.stack.name) }, uniquingKeysWith: { first, _ in first })
        return survey.before.map { folder in
            AffectedStacks.Stack(
                name: names[folder] ?? current[folder] ?? folder, folder: folder,
                reading: current[folder] == nil ? SourceReading(files: ["stack.yaml"]) : SourceReading())
        }
    }

    /// What stacks were called whose `stack.yaml` is another one now, or none.
    private func formerNames(_ survey: RevisionSurvey) async -> [String: String] {
        let changed = survey.before.filter { folder in
            let file = FileName.normal(folder + "/stack.yaml")
            return survey.changes.modified.contains(file) || survey.changes.removed.contains(file)
        }
        let opening = opening
        let names = await changed.mapped(atMost: width) { await opening.name(of: $0, at: survey.range.base) }
        return Dictionary(zip(changed, names), uniquingKeysWith: { first, _ in first })
    }
}
