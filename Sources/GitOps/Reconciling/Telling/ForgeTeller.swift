internal import Crypto
internal import Forges
internal import Logging
internal import PlumbModel
internal import Reporting

/// Tells the forges of followed repositories how their stacks stand: beside commits, and in one issue for each stack's drift.
/// A forge that is away delays nothing.
actor ForgeTeller {
    /// One commit of a repository.
    private struct Commit: Hashable {
        let repository: String
        let id: String
    }

    private let couriers: Couriers
    private let opening: ForgeOpening
    private let keeper: RecordKeeper
    /// When the issue of a stack was written last, in seconds since 1970.
    private var written: [String: Double] = [:]
    /// The newest that is to be written of a stack when that is not too soon any more.
    private var postponed: [String: (message: Courier.Message, courier: Courier)] = [:]

    /// Seconds between two edits of an issue: what changes all the time is not told all the time.
    private static let spacing = 10.0
    /// What is not sent yet.
    private var pending: [Commit: Pending] = [:]
    private var generations = 0

    private struct Pending {
        /// By their names.
        var statuses: [String: Waiting] = [:]
        /// Another one with each that comes.
        var generation = 0
    }

    private struct Waiting {
        let status: CommitStatus
        let generation: Int
        let told: @Sendable (Bool) async -> Void
    }

    init(opening: ForgeOpening, keeper: RecordKeeper, couriers: Couriers) {
        self.opening = opening
        self.keeper = keeper
        self.couriers = couriers
    }

    // MARK: - Commit statuses

    /// Returns before it is told.
    ///
    /// - Parameter told: called with true when the forge has it, with false when nobody was there for too long.
    func tell(
        _ status: CommitStatus, of commit: String, in repository: String, at forge: ForgeDeclaration,
        told: @escaping @Sendable (Bool) async -> Void
    ) async {
        let commit = Commit(repository: repository, id: commit)
        generations += 1
        let generation = generations
        pending[commit, default: Pending()].statuses[status.name] = Waiting(
            status: status, generation: generation, told: told)
        pending[commit]?.generation = generation
        let message = Courier.Message(
            subject: "commit \(commit.id.prefix(12))", key: "status \(commit.id)",
            hand: { await self.send(commit, forge) }, drop: { await self.forget(commit, generation, isRefused: $0) })
        await couriers.courier(for: .forge(repository)).deliver(message)
    }

    private func send(_ commit: Commit, _ declaration: ForgeDeclaration) async -> Courier.Reply {
        guard let statuses = pending[commit]?.statuses else { return .taken }
        do throws(ForgeError) {
            let forge = try await opening.forge(declaration, of: commit.repository)
            _ = try await StatusWriter(forge).write(
                statuses.values.map(\.status).sorted { $0.name < $1.name }, of: commit.id)
        } catch {
            return Self.reply(error)
        }
        // What has come meanwhile stays.
        let rest = pending[commit]?.statuses.filter { statuses[$0.key]?.generation != $0.value.generation } ?? [:]
        if rest.isEmpty { pending[commit] = nil } else { pending[commit]?.statuses = rest }
        for status in statuses.values { await status.told(true) }
        return .taken
    }

    private func forget(_ commit: Commit, _ generation: Int, isRefused: Bool) async {
        guard pending[commit]?.generation == generation else { return }
        let statuses = pending.removeValue(forKey: commit)?.statuses.values.map(\.told) ?? []
        // What is refused would be refused again.
        guard !isRefused else { return }
        for told in statuses { await told(false) }
    }

    // MARK: - Drift

    /// What is drift that somebody has to do something about: places in the mode `warn`, and what a heal could not set back.
    static func openDrift(_ findings: [DriftCheck.Finding]) -> [DriftCheck.Finding] {
        findings.filter { finding in
            guard finding.counts else { return false }
            if finding.record.status == .contended { return true }
            switch finding.mode {
            case .detect: return false
            case .warn: return true
            case .heal:
                switch finding.remedy {
                case .failed, .none: return true
                default: return false
                }
            }
        }
    }

    /// Opens, edits or closes the issue of a stack, where that is news; returns before it is done.
    ///
    /// - Parameters:
    ///   - findings: all that a look has found.
    ///   - link: where people look at the stack.
    ///   - word: why nothing is found; nil where the findings and the status say it.
    func tell(
        drift findings: [DriftCheck.Finding], of status: StackStatus, link: String?, at forge: ForgeDeclaration,
        closingWith word: String? = nil
    ) async throws(Diagnostics) {
        let open = Self.openDrift(findings)
        let issue = DriftIssue(stack: status.stack, findings: open, link: link)
        let (title, body) = (KnownSecrets.redact(issue.title), KnownSecrets.redact(issue.body))
        let digest = open.isEmpty ? nil : Self.digest(title + "\n" + body)
        let courier = couriers.courier(for: .forge(status.repository))
        let key = "drift \(status.stack)"
        let told = try await keeper.one(.told, status.stack, as: ToldDrift.self)?.content ?? ToldDrift()
        // Another controller may have told it, or this one before it was started anew: only the record knows.
        postponed[status.stack] = nil
        if told.issue == digest { return await courier.withdraw(key) }
        let farewell =
            word
            ?? DriftIssue.farewell(
                stack: status.stack, revision: status.appliedRevision, isAccepted: !findings.isEmpty,
                time: status.driftCheckedAt ?? Clock.now())
        let wish = digest.map { IssueWish.open(title: title, body: body, digest: $0) } ?? .close(saying: farewell)
        let message = Courier.Message(
            subject: "drift of \(status.stack)", key: key,
            hand: { await self.carryOut(wish, status.stack, status.repository, forge) })
        let pause = digest == nil ? 0 : (written[status.stack] ?? 0) + Self.spacing - Clock.now()
        guard pause > 0 else { return await courier.deliver(message) }
        postponed[status.stack] = (message, courier)
        let stack = status.stack
        Task {
            do { try await Task.sleep(for: .seconds(min(pause, Self.spacing))) } catch { return }
            await self.deliverPostponed(stack)
        }
    }

    private func deliverPostponed(_ stack: String) async {
        guard let (message, courier) = postponed.removeValue(forKey: stack) else { return }
        await courier.deliver(message)
    }

    private enum IssueWish: Sendable {
        case open(title: String, body: String, digest: String)
        case close(saying: String)
    }

    private func carryOut(
        _ wish: IssueWish, _ stack: String, _ repository: String, _ declaration: ForgeDeclaration
    ) async -> Courier.Reply {
        var told = ToldDrift()
        do throws(ForgeError) {
            let forge = try await opening.forge(declaration, of: repository)
            let writer = MarkedIssueWriter(forge, marker: Self.marker(stack, declaration))
            switch wish {
            case .open(let title, let body, let digest):
                written[stack] = Clock.now()
                _ = try await writer.write(title: title, body: body)
                told.issue = digest
            case .close(let words): _ = try await writer.close(saying: words)
            }
        } catch {
            return Self.reply(error)
        }
        do throws(Diagnostics) {
            let known = try await keeper.one(.told, stack, as: ToldDrift.self)
            _ = try await keeper.put(told, .told, stack, replacing: known?.version)
        } catch {
            // The next look finds it untold, and the forge says that it is there.
            return .missed(error.sentence(while: "It was told, and that could not be recorded"))
        }
        return .taken
    }

    /// Controllers that tell one repository of different stacks with the same names have statuses of different names.
    private static func marker(_ stack: String, _ declaration: ForgeDeclaration) -> ForgeMarker {
        let own = declaration.statusName.flatMap { $0 == ForgeDeclaration.usualStatusName ? nil : "\($0)/" } ?? ""
        return ForgeMarker("drift \(own)\(stack)")
    }

    private static func reply(_ error: ForgeError) -> Courier.Reply {
        error.isTransient || error.code == .cancelled ? .missed(error.message) : .refused(error.message)
    }

    private static func digest(_ text: String) -> String {
        SHA256.hash(data: Array(text.utf8)).prefix(16).map { byte in
            (byte < 16 ? "0" : "") + String(byte, radix: 16)
        }.joined()
    }
}

/// What a forge was told of a stack's drift.
struct ToldDrift: Sendable, Equatable, Codable {
    /// The digest of what the issue says; nil where none is open.
    var issue: String?
}
