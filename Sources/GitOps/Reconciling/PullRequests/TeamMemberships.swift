internal import Forges
internal import PlumbModel
internal import PullRequests
internal import Reporting

/// Who is in which team of a forge: asked when something is judged by it, and believed for a minute.
actor TeamMemberships {
    private struct Question: Hashable {
        /// The followed repository, whose forge and token it is asked with.
        let repository: String
        let team: String
        let user: String
    }

    private var known: [Question: (isMember: Bool, askedAt: Double)] = [:]

    /// Seconds.
    static let lifetime = 60.0
    private static let most = 10_000

    /// In which of these teams somebody is. Where a look-up fails for a reason that stays, they are in none as far as anybody
    /// knows, and the answer says why.
    ///
    /// - Parameter names: of people and teams; a team's has a slash.
    /// - Throws: where asking again may help.
    func teams(
        of user: ForgeUser, among names: [String], at forge: any Forge, of repository: String, now: Double
    ) async throws(ForgeError) -> PullRequestFacts.Teams {
        var found = PullRequestFacts.Teams()
        for team in Set(names.filter { $0.contains("/") }.map { $0.lowercased() }).sorted() {
            let question = Question(
                repository: repository, team: team, user: user.id == 0 ? user.name.lowercased() : String(user.id))
            if let answer = known[question], (0..<Self.lifetime).contains(now - answer.askedAt) {
                if answer.isMember { found.names.insert(team) }
                continue
            }
            do throws(ForgeError) {
                let isMember = try await forge.isMember(user, of: team)
                note(isMember, question, now)
                if isMember { found.names.insert(team) }
            } catch {
                guard !error.isTransient, error.code != .cancelled else { throw error }
                let who = MarkdownText.span(user.name)
                found.unknown.append(
                    "Whether \(who) is in the team \(MarkdownText.span(team)) cannot be told: "
                        + "\(MarkdownText.span(error.message, limit: 500)).")
            }
        }
        return found
    }

    private func note(_ isMember: Bool, _ question: Question, _ now: Double) {
        if known.count >= Self.most {
            known = known.filter { (0..<Self.lifetime).contains(now - $0.value.askedAt) }
            if known.count >= Self.most { known = [:] }
        }
        known[question] = (isMember, now)
    }
}
