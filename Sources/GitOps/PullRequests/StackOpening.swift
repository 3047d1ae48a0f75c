internal import Loading
internal import Operations
internal import Planning
internal import PlumbModel
internal import Reporting
internal import Repositories

/// Opens stacks of a repository's commits, and plans them one by one.
struct StackOpening: Sendable {
    let tree: any RevisionTree
    let capabilities: Capabilities
    let environment: [String: String]
    let holder: LeaseHolder
    let defaults: StackDefaults?
    /// For a stack's folder: where its own files are.
    let directory: @Sendable (String) -> String
    let trust: StackTrust

    /// `.` is the root here, and "" for those who read commits.
    static func path(_ folder: String) -> String { folder == "." ? "" : folder }

    func location(_ folder: String, at commit: String) async throws(Diagnostics) -> StackLocation {
        let path = Self.path(folder)
        return try await BlockingWork.run { () throws(Diagnostics) in
            StackLocation(source: try tree.source(at: commit, folder: path), directory: directory(folder))
        }
    }

    /// - Parameter terms: those of a stranger's pull request; they count where it is one.
    func open(
        _ folder: String, at commit: String, on terms: StrangersTerms? = nil
    ) async throws(Diagnostics) -> StackSession {
        let location = try await location(folder, at: commit)
        guard trust == .full else { return try await openStranger(location, folder, terms) }
        if try await hasPinnedModules(folder, at: commit) {
            // What is here already is not asked for again.
            _ = try await InitOperation(location, name: nil, upgrades: false, environment: environment).run { _ in }
        }
        return try await StackSession.open(
            location, capabilities: capabilities, environment: environment, defaults: defaults)
    }

    /// What others vouch for is the same folder at the branch that the pull request is to be merged into.
    private func openStranger(
        _ location: StackLocation, _ folder: String, _ terms: StrangersTerms?
    ) async throws(Diagnostics) -> StackSession {
        var vouched: StackLocation?
        if let target = terms?.target, try await isStack(folder, at: target) {
            vouched = try await self.location(folder, at: target)
        }
        return try await StackSession.open(
            location, capabilities: capabilities, environment: environment, defaults: defaults, trust: .stranger,
            vouched: vouched, allowance: Allowance(within: terms?.allowance))
    }

    private func isStack(_ folder: String, at commit: String) async throws(Diagnostics) -> Bool {
        let path = Self.path(folder)
        return try await BlockingWork.run { () throws(Diagnostics) in
            // From the root, so that a folder that is not there is no error.
            let file = path.isEmpty ? "stack.yaml" : path + "/stack.yaml"
            return try tree.source(at: commit, folder: "").contents(of: file) != nil
        }
    }

    private func hasPinnedModules(_ folder: String, at commit: String) async throws(Diagnostics) -> Bool {
        let path = Self.path(folder)
        return try await BlockingWork.run { () throws(Diagnostics) in
            try tree.source(at: commit, folder: path).contents(of: "plumb.lock.yaml") != nil
        }
    }

    /// What a stack is called: its folder where nobody can tell.
    func name(of folder: String, at commit: String) async -> String {
        let path = Self.path(folder)
        do throws(Diagnostics) {
            return try await BlockingWork.run { () throws(Diagnostics) in
                try SpecLoader(source: try tree.source(at: commit, folder: path)).loadStack().name
            }
        } catch {
            // Whoever opens it is told what is wrong.
            return folder
        }
    }

    /// Plans as it will be applied: by a controller under the stack's policy, else all of it.
    ///
    /// - Parameter approvers: who may have waived what policies say.
    func plan(
        _ session: StackSession, _ mode: Plan.Mode, approvers: Set<String> = []
    ) async throws(Diagnostics) -> (result: PlanResult, setting: PlanSetting, digest: String) {
        let operation = PlanOperation(session, holder: holder)
        var result: PlanResult
        if defaults != nil, mode == .normal {
            result = try await operation.run(under: session.specification.stack.sync) { _ in }.result
        } else {
            result = try await operation.run(PlanOptions(mode: mode)) { _ in }
        }
        if trust == .stranger { try PlanSize.admit(result.plan) }
        let setting = operation.setting(of: result)
        result.plan.policies = await policies(of: session, on: result.plan, in: setting, approvers: approvers)
        return (result, setting, try operation.digest(of: result.plan))
    }

    /// What the policies of a stack say of a plan.
    func policies(
        of session: StackSession, on plan: Plan, in setting: PlanSetting, approvers: Set<String>
    ) async -> [PolicyResult] {
        let review = PolicyReview(
            session.specification.stack.policies, directory: session.location.directory, environment: environment,
            runsCommands: trust == .full)
        guard !review.isEmpty else { return [] }
        var document = ""
        PlanJSON(plan, in: setting, showsSensitive: false).render { document += $0 }
        return await review.judge(document, approvers: approvers)
    }
}

extension Sequence where Element: Sendable {
    /// What a body makes of each element, a few at a time, in their order.
    func mapped<Result: Sendable>(
        atMost width: Int, _ body: @escaping @Sendable (Element) async -> Result
    ) async -> [Result] {
        var pending = Array(enumerated())[...]
        let total = pending.count
        var results: [Int: Result] = [:]
        await withTaskGroup(of: (Int, Result).self) { group in
            for _ in 0..<Swift.max(1, width) {
                guard let (index, element) = pending.popFirst() else { break }
                group.addTask { (index, await body(element)) }
            }
            while let (index, result) = await group.next() {
                results[index] = result
                guard let (next, element) = pending.popFirst() else { continue }
                group.addTask { (next, await body(element)) }
            }
        }
        return (0..<total).compactMap { results[$0] }
    }
}
