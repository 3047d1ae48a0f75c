internal import HTTPTransport
public import PlumbModel

extension GitHubForge {
    public func statuses(of commit: String) async throws(ForgeError) -> [CommitStatus] {
        if app != nil { return try await checkRuns(commit).map(\.status) }
        let statuses = try await client.list(GitHubStatus.self, "\(place)/commits/\(URLText.escaped(commit))/statuses")
        // Newest first.
        var found: [String: CommitStatus] = [:]
        for status in statuses where found[status.context] == nil { found[status.context] = status.status }
        return found.values.sorted { $0.name < $1.name }
    }

    public func setStatus(_ status: CommitStatus, of commit: String) async throws(ForgeError) {
        if app != nil { return try await setCheckRun(status, commit) }
        var fields: [(String, Value)] = [
            ("state", .string(status.state.rawValue)), ("context", .string(status.name)),
            ("description", .string(status.summary)),
        ]
        if let url = status.url { fields.append(("target_url", .string(url))) }
        // The newest of a name counts, so that the same one twice is the same.
        try await client.send(
            "POST", "\(place)/statuses/\(URLText.escaped(commit))", .object(ValueMap(fields)), isIdempotent: true)
    }

    // MARK: - Check runs

    private func checkRuns(_ commit: String) async throws(ForgeError) -> [GitHubCheckRun] {
        struct Page: Decodable { let checkRuns: [GitHubCheckRun] }
        let slug = try await ourselves().name
        let pages = try await client.pages(
            Page.self, "\(place)/commits/\(URLText.escaped(commit))/check-runs", [("filter", "latest")])
        // Others have check runs there as well, perhaps of the same name.
        let ours = pages.flatMap(\.checkRuns).filter { run in run.app.map { "\($0.slug)[bot]" == slug } ?? false }
        var found: [String: GitHubCheckRun] = [:]
        for run in ours where (found[run.name]?.id ?? 0) < run.id { found[run.name] = run }
        return found.values.sorted { $0.name < $1.name }
    }

    private func setCheckRun(_ status: CommitStatus, _ commit: String) async throws(ForgeError) {
        var fields: [(String, Value)] = [
            ("name", .string(status.name)),
            ("output", .object(["title": .string(status.summary), "summary": .string(status.summary)])),
        ]
        if let url = status.url { fields.append(("details_url", .string(url))) }
        switch status.state {
        case .pending: fields.append(("status", .string("in_progress")))
        case .success, .failure:
            fields += [("status", .string("completed")), ("conclusion", .string(status.state.rawValue))]
        // A check run has no word for it but this: it asks somebody to look.
        case .error: fields += [("status", .string("completed")), ("conclusion", .string("action_required"))]
        }
        fields.append(("head_sha", .string(commit)))
        // A new run each time, as what has ended cannot begin again: the latest of a name is what GitHub shows and counts.
        try await client.send("POST", "\(place)/check-runs", .object(ValueMap(fields)), isIdempotent: true)
    }
}
