internal import Forges
public import PlumbModel

/// What a CI job knows of the pull request that it runs for, from its environment alone.
public struct CIJob: Sendable, Equatable {
    public var forge: ForgeKind?
    public var repository: String?
    /// The address of the forge's API.
    public var api: String?
    public var number: Int?
    /// The newest commit of the pull request.
    public var head: String?
    /// The branch that it is to be merged into.
    public var baseBranch: String?
    /// The commit of that branch, as the job was told.
    public var baseCommit: String?
    /// Where the job's log is.
    public var link: String?

    public init() {}

    /// - Parameter event: the content of the file that `GITHUB_EVENT_PATH` names; nil where there is none.
    /// - Throws: that it cannot be understood.
    public init(_ environment: [String: String], event: [UInt8]?) throws(Diagnostics) {
        let variables = environment.filter { !$0.value.isEmpty }
        if variables["GITLAB_CI"] == "true" {
            readGitLab(variables)
        } else if variables["GITHUB_ACTIONS"] == "true" || variables["GITEA_ACTIONS"] == "true" {
            try readActions(variables, event)
        }
    }

    /// The names of the variables that a token is looked for in, the first one first.
    public static func tokenVariables(_ forge: ForgeKind) -> [String] {
        switch forge {
        case .github: ["PLUMB_FORGE_TOKEN", "GITHUB_TOKEN"]
        case .gitlab: ["PLUMB_FORGE_TOKEN", "GITLAB_TOKEN"]
        // Its jobs have the names of GitHub's too.
        case .gitea: ["PLUMB_FORGE_TOKEN", "GITEA_TOKEN", "GITHUB_TOKEN"]
        }
    }

    // MARK: - GitHub, and Gitea and Forgejo, which have the same variables

    private mutating func readActions(_ variables: [String: String], _ event: [UInt8]?) throws(Diagnostics) {
        // Forgejo and older runners of Gitea say so by the address of their API alone.
        let isGitea =
            variables["GITEA_ACTIONS"] == "true" || variables["FORGEJO_ACTIONS"] == "true"
            || variables["GITHUB_API_URL"]?.hasSuffix("/api/v1") == true
        forge = isGitea ? .gitea : .github
        repository = variables["GITHUB_REPOSITORY"]
        api = variables["GITHUB_API_URL"]
        if api == nil, isGitea, let server = variables["GITHUB_SERVER_URL"] { api = server + "/api/v1" }
        baseBranch = variables["GITHUB_BASE_REF"]
        if let server = variables["GITHUB_SERVER_URL"], let repository {
            let run = isGitea ? variables["GITHUB_RUN_NUMBER"] : variables["GITHUB_RUN_ID"]
            link = run.map { "\(server)/\(repository)/actions/runs/\($0)" }
        }
        // `refs/pull/7/merge`
        let parts = (variables["GITHUB_REF"] ?? "").split(separator: "/")
        if parts.count >= 3, parts[0] == "refs", parts[1] == "pull" { number = Int(parts[2]) }
        guard let event else { return }
        let told: Value
        do throws(JSONError) {
            told = try Value(json: event)
        } catch {
            throw Diagnostics(
                .error(
                    "Event of the CI job cannot be read",
                    "The file that GITHUB_EVENT_PATH names is no JSON: \(error). Give --number, --head and --base instead."
                ))
        }
        guard let pull = told.member("pull_request") else { return }
        number = pull.member("number")?.asInt ?? number
        head = pull.member("head")?.member("sha")?.asString
        baseBranch = pull.member("base")?.member("ref")?.asString ?? baseBranch
        baseCommit = pull.member("base")?.member("sha")?.asString
    }

    // MARK: - GitLab

    private mutating func readGitLab(_ variables: [String: String]) {
        forge = .gitlab
        repository = variables["CI_MERGE_REQUEST_PROJECT_PATH"] ?? variables["CI_PROJECT_PATH"]
        api = variables["CI_API_V4_URL"]
        link = variables["CI_JOB_URL"]
        number = variables["CI_MERGE_REQUEST_IID"].flatMap { Int($0) }
        baseBranch = variables["CI_MERGE_REQUEST_TARGET_BRANCH_NAME"]
        baseCommit = variables["CI_MERGE_REQUEST_DIFF_BASE_SHA"]
        if number != nil {
            // Of a pipeline for the merged result, the job's own commit is one that nobody has made.
            head = variables["CI_MERGE_REQUEST_SOURCE_BRANCH_SHA"] ?? variables["CI_COMMIT_SHA"]
        } else if let repository, let message = variables["CI_COMMIT_MESSAGE"] {
            number = Self.mergeRequest(in: message, of: repository)
        }
    }

    /// GitLab's merge commits end with `See merge request group/name!7`.
    private static func mergeRequest(in message: String, of repository: String) -> Int? {
        for line in message.split(whereSeparator: \.isNewline).reversed() {
            guard line.hasPrefix("See merge request "), let mark = line.lastIndex(of: "!") else { continue }
            let place = line.dropFirst("See merge request ".count).prefix(upTo: mark)
            guard place.isEmpty || place == repository else { continue }
            return Int(line[line.index(after: mark)...].prefix { $0.isNumber })
        }
        return nil
    }
}

extension Value {
    fileprivate func member(_ name: String) -> Value? { asMap?[name] }
}
