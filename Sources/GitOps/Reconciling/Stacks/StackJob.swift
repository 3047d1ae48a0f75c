internal import Applying
internal import Operations
internal import PlumbModel
internal import Repositories

/// One reconciliation that is to be done: what is known of the stack, and what it is to be held to.
struct StackJob: Sendable {
    let place: StackPlace
    let name: String
    let repository: FollowedRepository
    /// The commit that the stack is to be at.
    let revision: String
    let status: StackStatus
    let memory: StackMemory
    let orders: StackOrders
    /// Whether the specs may be others than those that were applied, or the last attempt did not get to its end.
    let wantsSync: Bool
    let wantsDriftCheck: Bool
    /// What has to happen before the revision is planned; nil where nothing does. Its specs are read all the same, for who waits
    /// wants to know now that they are wrong.
    let waitsFor: Reconciliation?
    /// `schedule`, `webhook`, `api`, `watch`
    let trigger: String
    /// Opened before, for a watch, from the same specs: it stays open.
    let session: StackSession?
    /// Opened before, for a watch, from the specs that were applied last where those are others: it stays open.
    let appliedSession: StackSession?
    /// Whether a session may be left open for a watch.
    let keepsWatch: Bool
    let control: RunControl
}

/// What a job has made.
struct StackJobResult: Sendable {
    var outcome: Reconciliation
    var memory: StackMemory
    var appliedRevision: String?
    var driftCheckedAt: Double?
    var driftCount: Int
    /// All that a look for drift has found; nil where nobody knows.
    var drift: [DriftCheck.Finding]?
    /// Of the plan that waits for somebody's word.
    var pendingPlan: String?
    /// The newest plan; nil where none was made that changes something.
    var plan: StackPlan?
    /// What the stack says of itself, completed by the defaults; nil where it could not be read.
    var policy: SyncPolicy?
    /// Left open, for a watch.
    var session: StackSession?
    /// Whether something was changed, in the systems or in what is recorded.
    var hasChanged = false
    /// How many places heals have set back.
    var healed = 0
    /// Whether the newest plan has met drift.
    var seesDrift = false
    /// Whether an approval was used up.
    var usesApproval = false
    /// Whether what a merged pull request has promised was carried out, to whatever end.
    var keepsPromise = false

    /// Whether what is there is still the revision that was applied before, and not the job's.
    var holdsApplied: Bool {
        if case .converged = outcome { return false }
        return memory.appliedHash != nil
    }

    init(_ job: StackJob) {
        outcome = .converged("")
        memory = job.memory
        appliedRevision = job.status.appliedRevision
        driftCheckedAt = job.status.driftCheckedAt
        driftCount = job.status.driftCount
    }
}
