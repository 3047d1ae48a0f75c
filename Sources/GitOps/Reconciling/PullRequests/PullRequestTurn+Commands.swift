internal import Forges
internal import Logging
internal import Operations
internal import PlumbModel
internal import PullRequests

extension PullRequestTurn {
    /// Carries out what comments order, each at most once, however many controllers see it.
    func answer(
        _ pullRequest: PullRequest, _ known: PullRequestMemory, _ tip: String
    ) async throws(Diagnostics) -> Double? {
        var memory = known
        let since = memory.lastCommentAt.map { $0 - 60 }
        let last = memory.lastComment ?? 0
        let comments = try await asking { () throws(ForgeError) in
            try await forge.comments(on: place.number, since: since)
        }.filter { $0.id > last }.sorted { $0.id < $1.id }
        guard let newest = comments.last else { return nil }
        let us = try await asking { () throws(ForgeError) in try await forge.ourselves() }
        for comment in comments where gate.listens(to: comment.author, us: us) {
            let reading = PullRequestCommand.read(comment.body)
            guard reading != .none else { continue }
            guard let claim = try await claim(comment, reading) else {
                // Another one is in the middle of what came before: this one's turn comes.
                let lastRead = try await keeper.one(.pullRequest, place.key, as: PullRequestMemory.self)?.content
                if (lastRead?.lastComment ?? 0) < comment.id { return 5 }
                continue
            }
            do throws(Diagnostics) {
                memory = try await carryOut(reading, comment, pullRequest, claim.memory, tip)
            } catch {
                try await giveUp(comment, reading, claim.word, error)
                throw error
            }
            memory = try await change { if $0.order?.claim == claim.word { $0.order = nil } }
        }
        _ = try await change { memory in
            memory.lastComment = max(memory.lastComment ?? 0, newest.id)
            memory.lastCommentAt = max(memory.lastCommentAt ?? 0, newest.createdAt)
        }
        return nil
    }

    /// - Returns: nil where another controller has it, or had it.
    private func claim(
        _ comment: PullRequestComment, _ reading: PullRequestCommand.Reading
    ) async throws(Diagnostics) -> (memory: PullRequestMemory, word: String)? {
        var action = PullRequestCommand.Action.help
        if case .command(let command) = reading { action = command.action }
        let word = RunIdentifier.make()
        let order = PullRequestMemory.Order(
            comment: comment.id, action: action, actor: comment.author.name, member: workshop.member, claim: word)
        let words = PullRequestMemory.Words(comment: comment.id, text: comment.body)
        let isAsWritten = comment.updatedAt <= comment.createdAt + 1
        let memory = try await change { memory in
            guard (memory.lastComment ?? 0) < comment.id, memory.order == nil else { return }
            memory.lastComment = comment.id
            memory.order = order
            if isAsWritten { memory.unedited = words } else if memory.unedited != words { memory.unedited = nil }
        }
        return memory.order?.claim == word ? (memory, word) : nil
    }

    /// What has failed before anything was done is tried again; else its reason is said.
    private func giveUp(
        _ comment: PullRequestComment, _ reading: PullRequestCommand.Reading, _ word: String, _ problems: Diagnostics
    ) async throws(Diagnostics) {
        var isHarmless = true
        if case .command(let command) = reading, command.action == .apply || command.action == .unlock {
            let hasBegun = try await !locking.held().isEmpty
            isHarmless = !hasBegun && problems.all.allSatisfy(\.isPassing)
            if !isHarmless {
                try await say("answer \(comment.id)", PullRequestWords.broken(command.action, problems))
            }
        }
        let isToBeReadAgain = isHarmless
        _ = try await change { memory in
            guard memory.order?.claim == word else { return }
            memory.order = nil
            if isToBeReadAgain { memory.lastComment = comment.id - 1 }
        }
    }

    /// What somebody was in the middle of.
    ///
    /// - Returns: nil where they still are.
    func settle(_ order: PullRequestMemory.Order) async throws(Diagnostics) -> PullRequestMemory? {
        if order.member != workshop.member, living.contains(order.member) { return nil }
        if order.action == .apply || order.action == .unlock {
            try await say("answer \(order.comment)", PullRequestWords.interrupted(order.action))
        }
        return try await change { memory in
            guard memory.order?.claim == order.claim else { return }
            memory.order = nil
            // What does no harm twice is done again.
            if order.action == .plan || order.action == .help { memory.lastComment = order.comment - 1 }
        }
    }

    private func carryOut(
        _ reading: PullRequestCommand.Reading, _ comment: PullRequestComment, _ pullRequest: PullRequest,
        _ memory: PullRequestMemory, _ tip: String
    ) async throws(Diagnostics) -> PullRequestMemory {
        let help = CommandHelp(site.settings.applying)
        switch reading {
        case .none: return memory
        case .mistaken(let why):
            // Who could order nothing anyway is not helped to do so.
            guard try await isKnown(comment.author, pullRequest) else { return memory }
            try await reply(comment, help.text(after: why), .refused)
            return memory
        case .command(let command):
            await react(.seen, comment)
            let person = try await asking { () throws(ForgeError) in
                PullRequestFacts.Person(
                    name: comment.author.name, permission: try await forge.permission(of: comment.author),
                    teams: try await teams(of: comment.author, in: site.settings.allowed))
            }
            let facts = PullRequestFacts(pullRequest, isStranger: try await isStranger(pullRequest), planned: nil)
            if let refusal = gate.refusal(of: command.action, to: person, facts) {
                // One comment for all that somebody tries: nobody has us fill a page.
                try await refuse(command, comment, [refusal], in: "refusal \(comment.author.id)")
                return memory
            }
            // At some forges others may edit it.
            if command.action != .help, memory.unedited?.comment != comment.id {
                try await refuse(command, comment, [PullRequestWords.edited])
                return memory
            }
            switch command.action {
            case .help:
                // Anybody may ask, and gets one answer however often.
                try await say("help \(comment.author.id)", help.text)
                await react(.done, comment)
                return memory
            case .plan: return try await plan(command, comment, pullRequest, memory, tip, facts.isStranger)
            case .apply:
                try await apply(command, comment, memory)
                return memory
            case .unlock:
                try await unlock(command, comment)
                return memory
            }
        }
    }

    private func isKnown(_ user: ForgeUser, _ pullRequest: PullRequest) async throws(Diagnostics) -> Bool {
        if user.isSame(pullRequest.author) { return true }
        return try await asking { () throws(ForgeError) in try await forge.permission(of: user) } >= .write
    }

    // MARK: - Each

    private func plan(
        _ command: PullRequestCommand, _ comment: PullRequestComment, _ pullRequest: PullRequest,
        _ memory: PullRequestMemory, _ tip: String, _ isStranger: Bool
    ) async throws(Diagnostics) -> PullRequestMemory {
        await note("plan", [], actor: comment.author.name, comment.url, .accepted)
        let head = pullRequest.head.commit
        _ = try await change { $0.vouched = head }
        let selection = command.isAll ? StackSelection.all : try StackSelection(globs: command.stacks)
        let memory = try await plan(pullRequest, memory, tip, selection, isStranger: isStranger)
        await react(memory.planned(at: head) == nil ? .refused : .done, comment)
        return memory
    }

    private func apply(
        _ command: PullRequestCommand, _ comment: PullRequestComment, _ memory: PullRequestMemory
    ) async throws(Diagnostics) {
        let pullRequest = try await asking { () throws(ForgeError) in
            try await forge.settledPullRequest(place.number)
        }
        let head = pullRequest.head.commit
        let planned = memory.planned(at: head)
        let chosen = (planned?.stacks ?? []).filter { stack in
            command.stacks.isEmpty ? stack.verdict != .unchanged : Self.meets(command.stacks, stack)
        }
        if planned != nil, chosen.isEmpty {
            return try await refuse(command, comment, [PullRequestWords.nothing(of: command, in: planned)])
        }
        let bound = try await bind(pullRequest, memory)
        let facts = try await facts(pullRequest, bound, isWhole: true)
        let names = Set(chosen.map(\.name))
        var obstacles = gate.obstaclesToApplying((facts.planned ?? []).filter { names.contains($0.name) }, facts)
        if !site.believesCommits, obstacles.isEmpty { obstacles = [PullRequestWords.unsigned] }
        if let shown = memory.shownAfter, comment.id <= shown { obstacles = [PullRequestWords.unseen(head)] }
        if obstacles.isEmpty { obstacles = try await objections(to: chosen) }
        guard obstacles.isEmpty, var record = planned else { return try await refuse(command, comment, obstacles) }
        await applying(true)
        do throws(Diagnostics) {
            record.stacks = chosen
            try await carryOut(record, pullRequest, facts, command, comment)
        } catch {
            await applying(false)
            throw error
        }
        await applying(false)
    }

    /// What people have asked of the stacks, and whether they are ours to apply.
    private func objections(to stacks: [PullRequestRecord.Stack]) async throws(Diagnostics) -> [String] {
        var obstacles: [String] = []
        for stack in stacks {
            let orders = try await keeper.one(.orders, stack.name, as: StackOrders.self)?.content
            if let suspension = orders?.suspension, suspension.isActive(at: Clock.now()) {
                obstacles.append(PullRequestWords.suspended(stack.name, suspension))
            }
            if let other = try await otherOwner(of: stack.name) {
                obstacles.append(PullRequestWords.elsewhere(stack.name, other))
            }
        }
        if Set(stacks.map(\.name)).count < stacks.count { obstacles.append(PullRequestWords.namesakes) }
        return obstacles
    }

    private func carryOut(
        _ record: PullRequestRecord, _ pullRequest: PullRequest, _ facts: PullRequestFacts,
        _ command: PullRequestCommand, _ comment: PullRequestComment
    ) async throws(Diagnostics) {
        let (chosen, head) = (record.stacks, record.head)
        let now = Clock.now()
        let actor = comment.author.name
        if let other = try await locking.take(chosen.map(\.name), url: pullRequest.url, actor: actor, now: now) {
            return try await refuse(command, comment, [PullRequestWords.locked(other.stack, other.lock, now)])
        }
        await note("apply", chosen.map(\.name), actor: actor, comment.url, .accepted)
        let approvers = chosen.map { Set(gate.approvers(of: $0.name, digest: $0.digest ?? "", facts)) }
        let common = approvers.dropFirst().reduce(approvers.first ?? []) { $0.intersection($1) }
        let outcomes = await workshop.applier(site, place).apply(
            record, at: head, approvers: common, control: workshop.control)
        try await tell(outcomes, head, comment)
    }

    /// Of stacks to which nothing was done, nobody need be kept away.
    private func tell(
        _ outcomes: [PullRequestOutcome.Stack], _ head: String, _ comment: PullRequestComment
    ) async throws(Diagnostics) {
        let untouched = outcomes.filter { outcome in
            switch outcome.result {
            case .unchanged, .differs, .skipped: true
            case .applied, .failed: false
            }
        }.map(\.name)
        try await locking.free(untouched, asking: false, now: Clock.now())
        let outcome = PullRequestOutcome(revision: head, stacks: outcomes)
        _ = try await asking { () throws(ForgeError) in try await reporter.report(outcome, on: place.number) }
        await react(outcome.succeeded ? .done : .refused, comment)
    }

    private func unlock(_ command: PullRequestCommand, _ comment: PullRequestComment) async throws(Diagnostics) {
        let held = try await locking.held()
        let chosen = command.stacks.isEmpty ? held : held.filter { Self.meets(command.stacks, $0) }
        guard !chosen.isEmpty else {
            return try await refuse(command, comment, [PullRequestWords.nothingLocked(held)])
        }
        await note("unlock", chosen, actor: comment.author.name, comment.url, .accepted)
        try await locking.free(chosen, asking: true, now: Clock.now())
        try await reply(comment, PullRequestWords.unlocked(chosen, because: "Somebody who may has said so."), .done)
    }

    private static func meets(_ globs: [String], _ stack: PullRequestRecord.Stack) -> Bool {
        meets(globs, stack.name) || meets(globs, stack.folder)
    }

    private static func meets(_ globs: [String], _ name: String) -> Bool {
        globs.contains { glob in
            let patterns = (try? GlobPattern.all(in: glob)) ?? []
            return patterns.contains { $0.matches(name) }
        }
    }

    // MARK: - Answers

    private func refuse(
        _ command: PullRequestCommand, _ comment: PullRequestComment, _ reasons: [String], in name: String? = nil
    ) async throws(Diagnostics) {
        await note(
            command.action.rawValue, [], actor: comment.author.name, comment.url, .refused,
            detail: reasons.joined(separator: " "))
        try await say(name ?? "answer \(comment.id)", PullRequestWords.refused(command.action, reasons))
        await react(.refused, comment)
    }

    private func reply(
        _ comment: PullRequestComment, _ text: String, _ reaction: CommentReaction
    ) async throws(Diagnostics) {
        try await say("answer \(comment.id)", text)
        await react(reaction, comment)
    }

    /// A sign that is not there changes nothing.
    private func react(_ reaction: CommentReaction, _ comment: PullRequestComment) async {
        do throws(ForgeError) {
            try await forge.react(reaction, to: comment.id, on: place.number)
        } catch {
            workshop.logger.debug(
                "comment has no reaction", metadata: ["pull_request": "\(place.key)", "reason": "\(error.message)"])
        }
    }
}
