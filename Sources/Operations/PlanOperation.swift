public import Planning
public import PlumbModel
internal import StateBackendAPI

/// `plumb plan`: reads the state, asks the providers, and makes the plan. Takes no lease, writes nothing.
public struct PlanOperation: Sendable {
    private let session: StackSession

    private let holder: LeaseHolder?

    /// - Parameter holder: this process; tells a dead run of the same machine from a live one. Nil: every lease counts.
    public init(_ session: StackSession, holder: LeaseHolder? = nil) {
        self.session = session
        self.holder = holder
    }

    public func run(
        _ options: PlanOptions, report: @escaping @Sendable (RunEvent) -> Void
    ) async throws(Diagnostics) -> PlanResult {
        var snapshot: StateSnapshot
        do throws(StateBackendError) {
            snapshot = try await session.backend.snapshot(of: session.name)
            // What a run that goes on has open is its own business: nothing was interrupted there. Asked after the
            // snapshot, so that what is open without a holder has really been left.
            if !snapshot.openIntents.isEmpty, try await isBeingApplied() { snapshot.openIntents = [] }
        } catch {
            throw Diagnostics(Diagnostic.error("Cannot read state", error.message).passing(if: error.isPassing))
        }
        let origin = PlanOrigin(
            stack: session.name, source: session.source.name, revision: session.revision, createdAt: WallClock.now(),
            version: session.version, targets: options.targets.map(\.description),
            excludes: options.excludes.map(\.description))
        let planner = Planner(
            session.graph, catalogue: session.catalogue, files: session.files, options: options, origin: origin,
            report: report)
        do throws(Diagnostics) {
            return try await planner.plan(recorded: snapshot)
        } catch {
            throw error.briefed
        }
    }

    private func isBeingApplied() async throws(StateBackendError) -> Bool {
        guard let lease = try await session.backend.livingLease(on: session.name, seenFrom: holder) else {
            return false
        }
        guard let holder, let other = LeaseHolder(parsing: lease.holder) else { return true }
        return !other.isDead(seenFrom: holder)
    }

    var vault: ValueVault { session.vault }

    /// What stands around a plan of this operation: for documents that programs read.
    public func setting(of result: PlanResult) -> PlanSetting { SettingDescriber(session).describe(result) }

    /// Writes a plan to a file that `plumb apply` takes: with what it was made from, secrets sealed.
    ///
    /// - Parameter setting: what `plumb show --json` tells beside the plan.
    /// - Throws: for the plan of a stranger's session too, which is to be looked at and never applied.
    public func save(
        _ plan: Plan, in setting: PlanSetting = PlanSetting(), to path: String
    ) async throws(Diagnostics) {
        guard session.trust == .full else {
            throw Diagnostics(
                .error(
                    "Plan of a stranger is not kept",
                    "Nobody vouches for whoever has written these specs. Their plan is made against what is recorded, without "
                        + "secrets, and cannot be applied: a maintainer has to plan this stack."))
        }
        var plan = plan
        let read = session.source.changeableContents.map {
            ReadSet.File(path: $0.key, digest: FileDigest.of($0.value))
        }
        let absent = session.source.absent.map { ReadSet.File(path: $0, digest: nil) }
        plan.readSet.files = (read + absent).sorted { $0.path < $1.path }
        let archive = PlanArchive(plan, in: setting, of: session)
        let vault = session.vault
        try await BlockingWork.run { () throws(Diagnostics) in try archive.write(to: path, vault) }
    }
}
