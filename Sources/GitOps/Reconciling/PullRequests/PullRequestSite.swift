internal import Applying
internal import Forges
internal import Logging
internal import Operations
internal import PlumbModel
internal import PullRequests
internal import Repositories

extension ControllerConfiguration {
    /// Whether the pull requests of the repository of a name are looked at.
    func followsPullRequests(of repository: String) -> Bool {
        repositories.contains { $0.repository.name == repository && $0.pullRequests != nil && $0.forge != nil }
    }
}

/// A repository whose pull requests are looked at.
struct PullRequestSite: Sendable {
    let following: ControllerConfiguration.Following
    let followed: FollowedRepository
    let forge: ForgeDeclaration
    let settings: PullRequestSettings
    /// The newest commit of the branch that is followed, and the branch; nil before the first look.
    var tip: String?
    var branch: String?

    var name: String { following.repository.name }

    /// Nil where its pull requests are left alone.
    init?(_ following: ControllerConfiguration.Following, _ followed: FollowedRepository) {
        guard let settings = following.pullRequests, let forge = following.forge else { return nil }
        self.following = following
        self.followed = followed
        self.forge = forge
        self.settings = settings
    }

    /// Where the server has the newest commit of a pull request.
    func reference(of number: Int) -> String {
        forge.kind == .gitlab ? "refs/merge-requests/\(number)/head" : "refs/pull/\(number)/head"
    }

    /// Whose commits must be signed has nobody's word for those of a pull request, which are not looked at.
    var believesCommits: Bool { following.repository.signers == nil }
}

/// What a controller works on pull requests with.
struct PullRequestWorkshop: Sendable {
    let capabilities: Capabilities
    let environment: [String: String]
    let holder: LeaseHolder
    let configuration: ControllerConfiguration
    let state: SharedState
    let keeper: RecordKeeper
    /// Stops applies before their next step.
    let control: RunControl
    let logger: Logger
    /// This controller: `ControllerMember.id`.
    let member: String

    func with(_ configuration: ControllerConfiguration) -> PullRequestWorkshop {
        PullRequestWorkshop(
            capabilities: capabilities, environment: environment, holder: holder, configuration: configuration,
            state: state, keeper: keeper, control: control, logger: logger, member: member)
    }

    private var reconciler: StackReconciler {
        StackReconciler(
            capabilities: capabilities, environment: environment, holder: holder, configuration: configuration,
            state: state
        ) { _ in
        }
    }

    var defaults: StackDefaults { reconciler.defaults }

    /// Where the own files of a stack are: as the controller that reconciles it has them.
    func directory(in repository: String) -> @Sendable (String) -> String {
        let reconciler = reconciler
        return { folder in
            let place = StackPlace(repository: repository, folder: folder == "." ? "" : folder)
            let directory = reconciler.directory(of: place)
            // Where that cannot be, whoever opens the stack says why.
            try? PrivateFolder.make(directory, for: .controller)
            return directory
        }
    }

    func shelf(of place: PullRequestPlace) -> PlanShelf {
        PlanShelf("\(configuration.directory)/pull-requests/\(place.repository)/\(place.number)")
    }

    func planner(
        _ site: PullRequestSite, _ place: PullRequestPlace, trust: StackTrust, keepsPlans: Bool = true
    ) -> PullRequestPlanner {
        PullRequestPlanner(
            site.followed, capabilities: capabilities, environment: environment, holder: holder, defaults: defaults,
            directory: directory(in: place.repository), trust: trust, shelf: keepsPlans ? shelf(of: place) : nil)
    }

    func applier(_ site: PullRequestSite, _ place: PullRequestPlace) -> PullRequestApplier {
        PullRequestApplier(
            site.followed, capabilities: capabilities, environment: environment, holder: holder, defaults: defaults,
            directory: directory(in: place.repository), shelf: shelf(of: place), trigger: "pull request",
            patience: 60)
    }
}
