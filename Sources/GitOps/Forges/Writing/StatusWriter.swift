public import PlumbModel

/// Shows beside a commit how each stack stands, and sends only what is news.
public struct StatusWriter: Sendable {
    private let forge: any Forge

    public init(_ forge: any Forge) { self.forge = forge }

    /// Requests that go to the forge at a time; forges ask for few.
    private static let mostAtATime = 4

    /// - Returns: the names of those that were sent.
    public func write(_ statuses: [CommitStatus], of commit: String) async throws(ForgeError) -> [String] {
        let known = Dictionary(try await forge.statuses(of: commit).map { ($0.name, $0) }) { first, _ in first }
        let news = statuses.map(shortened).filter { status in
            // GitLab has one word for two states.
            guard let old = known[status.name] else { return true }
            return !isSame(old, status)
        }
        try await send(news, commit)
        return news.map(\.name)
    }

    private func isSame(_ old: CommitStatus, _ new: CommitStatus) -> Bool {
        let isState = forge.kind == .gitlab ? old.state.gitlabWord == new.state.gitlabWord : old.state == new.state
        return isState && old.summary == new.summary && (old.url ?? "") == (new.url ?? "")
    }

    private func send(_ news: [CommitStatus], _ commit: String) async throws(ForgeError) {
        let forge = forge
        let failure = await withTaskGroup(of: ForgeError?.self) { group in
            var failure: ForgeError?
            var rest = news[...]
            for _ in 0..<StatusWriter.mostAtATime {
                guard let status = rest.popFirst() else { break }
                group.addTask { await StatusWriter.problem(forge, status, commit) }
            }
            while let problem = await group.next() {
                failure = failure ?? problem
                // What one is refused for, the others would be too.
                guard failure == nil, let status = rest.popFirst() else { continue }
                group.addTask { await StatusWriter.problem(forge, status, commit) }
            }
            return failure
        }
        if let failure { throw failure }
    }

    private static func problem(_ forge: any Forge, _ status: CommitStatus, _ commit: String) async -> ForgeError? {
        do throws(ForgeError) {
            try await forge.setStatus(status, of: commit)
            return nil
        } catch {
            return error
        }
    }

    /// Cut to what the forge shows, in one line.
    private func shortened(_ status: CommitStatus) -> CommitStatus {
        let line = status.summary.split(whereSeparator: \.isNewline).joined(separator: " ")
        let most = forge.limits.statusSummary
        guard line.unicodeScalars.count > most else {
            return CommitStatus(name: status.name, state: status.state, summary: line, url: status.url)
        }
        var short = ""
        var length = 0
        // Whole characters, so that no half of one stands at the end.
        for character in line {
            length += character.unicodeScalars.count
            guard length < most else { break }
            short.append(character)
        }
        return CommitStatus(name: status.name, state: status.state, summary: short + "…", url: status.url)
    }
}

/// Sets the labels of ours that a pull request is to have, and leaves those of others alone.
public struct LabelWriter: Sendable {
    private let forge: any Forge
    private let prefix: String

    /// - Parameter prefix: what all of ours begin with, and none of others': `plumb:`.
    public init(_ forge: any Forge, prefix: String) {
        precondition(!prefix.isEmpty, "Without a prefix all labels would be ours to remove.")
        self.forge = forge
        self.prefix = prefix
    }

    /// - Parameter names: what comes after the prefix.
    /// - Returns: whether anything had to be changed.
    public func write(_ names: [String], on pullRequest: PullRequest) async throws(ForgeError) -> Bool {
        let wanted = Set(names.map { prefix + $0 })
        let there = Set(pullRequest.labels)
        let missing = wanted.subtracting(there).sorted()
        let surplus = there.filter { $0.hasPrefix(prefix) && !wanted.contains($0) }.sorted()
        for label in surplus { try await forge.removeLabel(label, from: pullRequest.number) }
        try await forge.addLabels(missing, to: pullRequest.number)
        return !missing.isEmpty || !surplus.isEmpty
    }
}
