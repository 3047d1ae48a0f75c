internal import Operations
internal import PlumbModel
internal import Repositories

/// What a controller has in mind of one stack. Specs and graphs are not among it: thousands of stacks idle.
struct StackEntry: Sendable {
    let place: StackPlace
    var status: StackStatus
    var statusVersion: Int64?
    var memory = StackMemory()
    var memoryVersion: Int64?
    var orders = StackOrders()
    /// The orders as they stood when it was worked on last: what of them is still open waits for the next attempt.
    var heeded: StackOrders?
    /// Of the status that another controller has written, when what waits for the stack was woken by it last.
    var seenVersion: Int64?
    /// The newest commit of its repository; nil where it is not known yet.
    var newest: String?
    /// Of what was looked at when it was read last, at that commit; nil where nobody has asked.
    var hash: String?
    /// As it was read last.
    var policy = SyncPolicy()
    /// Its folder is not in the newest commit.
    var isMissing = false
    /// Another stack has its name.
    var rival: StackPlace?
    /// What its stack.yaml calls it now, where it has a state under the name from before.
    var otherName: String?
    var isRunning = false
    /// Something has happened while it was worked on.
    var isToRunAgain = false
    /// Whether others may have worked on it since its records were read.
    var isStale = false
    /// Drift was noticed, or is to be looked for now.
    var wantsDriftCheck = false
    /// When drift was tried to be looked for.
    var driftTriedAt: Double?
    /// When it was last found, or brought, to be as the specs want it, as far as this controller knows.
    var succeededAt: Double?
    /// Waits in a row.
    var waits = 0
    var trigger = "schedule"
    /// What was told of it last: work in between is no news.
    var lastTold: String?
    /// What its forge was told last beside a commit.
    var shown: (commit: String, status: CommitStatus)?
    var watch: StackWatch?
    /// The merged commit that cannot be looked at, and since when.
    var unseenMerge: (revision: String, since: Double)?
    /// When this controller began to care for it.
    var takenUpAt = Clock.now()

    init(_ place: StackPlace, name: String) {
        self.place = place
        status = StackStatus(stack: name, repository: place.repository, folder: place.folder)
        status.reason = "Not looked at yet."
    }

    var name: String { status.stack }

    /// Whether there is nothing to do but to look for drift.
    var isDone: Bool {
        guard status.phase == .converged else { return false }
        guard let pin = orders.pin else { return isApplied }
        return (orders.pinnedThrough ?? pin.refused) == newest && orders.pinnedTo == status.appliedRevision
    }

    /// Whether somebody has asked for something since it was worked on.
    var hasNewOrders: Bool {
        func isNew<Order: Equatable>(_ order: KeyPath<StackOrders, Order?>) -> Bool {
            orders[keyPath: order] != nil && orders[keyPath: order] != heeded?[keyPath: order]
        }
        return isNew(\.approval) || isNew(\.syncAskedAt) || isNew(\.driftAskedAt)
    }

    /// Whether what was applied last is what the newest commit holds.
    var isApplied: Bool { hash != nil && hash == memory.appliedHash }
}

/// What a controller has in mind of one repository.
struct RepositoryEntry: Sendable {
    let following: ControllerConfiguration.Following
    let followed: FollowedRepository
    var commit: String?
    var isPolling = false
    var isToPollAgain = false
    /// Why the last look failed; nil where it did not.
    var problem: String?
    /// What kind of problem that is: told once, whatever names of files are in it.
    var problemKind: String?
    var failures = 0
    /// When what nobody needs was let go of.
    var tidiedAt = 0.0
    /// Whether it was looked at, well or not.
    var wasLookedAt = false
    /// Since when the forge does not say what was merged with the newest commit.
    var unpreparedSince: Double?
}
