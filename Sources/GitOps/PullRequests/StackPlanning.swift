internal import Operations
internal import Planning
internal import PlumbModel

/// Looks at stacks of a pull request one by one, and plans those that it affects.
struct StackPlanning: Sendable {
    let opening: StackOpening
    let shelf: PlanShelf?
    let survey: RevisionSurvey
    let selection: StackSelection
    let previous: PullRequestRecord?
    let terms: StrangersTerms

    private var head: String { survey.range.head }

    /// Reads a stack at the newest commit, and plans it where something that it reads has changed.
    func look(at folder: String) async -> StackLook {
        guard !Task.isCancelled else { return await broken(folder, Diagnostics(PullRequestPlanner.stopped)) }
        let session: StackSession
        do throws(Diagnostics) {
            session = try await opening.open(folder, at: head, on: terms)
        } catch {
            if await wasBroken(folder, with: error) {
                let stack = AffectedStacks.Stack(
                    name: await name(of: folder), folder: folder, reading: SourceReading())
                return StackLook(stack: stack)
            }
            return await broken(folder, error)
        }
        var look = StackLook(stack: stack(session, folder))
        if survey.affects(look.stack, selection) || survey.mayAffect(folder, look.stack.reading) {
            var planned = await plan(session, .normal)
            // What is only read while planning may be what has changed, or not.
            look = StackLook(stack: stack(session, folder, isWhollyRead: planned.plan != nil))
            if survey.affects(look.stack, selection) {
                planned.reading = planned.plan == nil ? nil : session.reading
                look.planned = await shelved(planned, session, folder)
            }
        }
        await session.close()
        return look
    }

    /// Plans a stack that was not planned before: one that is gone, or that depends on others.
    func plan(_ one: AffectedStacks.Affected) async -> PlannedStack {
        guard !Task.isCancelled else { return PlannedStack(problems: Diagnostics(PullRequestPlanner.stopped)) }
        let isRemoved = one.standing == .removed
        do throws(Diagnostics) {
            let session = try await opening.open(
                one.folder, at: isRemoved ? survey.range.base : head, on: terms)
            var planned = await plan(session, isRemoved ? .destroy : .normal)
            planned.reading = planned.plan == nil ? nil : session.reading
            planned = await shelved(planned, session, one.folder)
            await session.close()
            return planned
        } catch {
            return PlannedStack(problems: error)
        }
    }

    private func stack(
        _ session: StackSession, _ folder: String, isWhollyRead: Bool = true
    ) -> AffectedStacks.Stack {
        AffectedStacks.Stack(
            name: session.name, folder: folder, reading: session.reading, isWhollyRead: isWhollyRead,
            upstream: Set(session.specification.stack.sync.after.map(\.stack)))
    }

    // MARK: - What cannot be read

    /// What has been refused once is not read again for its name.
    private func name(of folder: String) async -> String {
        opening.trust == .stranger ? folder : await opening.name(of: folder, at: head)
    }

    private func broken(_ folder: String, _ problems: Diagnostics) async -> StackLook {
        let stack = AffectedStacks.Stack(
            name: await name(of: folder), folder: folder, reading: SourceReading(),
            isWhollyRead: false)
        return StackLook(stack: stack, planned: PlannedStack(problems: problems))
    }

    /// Whether a stack had the same problems where the pull request begins, which so has nothing to do with them.
    private func wasBroken(_ folder: String, with problems: Diagnostics) async -> Bool {
        guard !survey.touches(folder), survey.before.contains(folder) else { return false }
        do throws(Diagnostics) {
            let session = try await opening.open(folder, at: survey.range.base, on: terms)
            await session.close()
            return false
        } catch {
            return error.all.map(\.summary) == problems.all.map(\.summary)
        }
    }

    // MARK: - Planning

    private func plan(_ session: StackSession, _ mode: Plan.Mode) async -> PlannedStack {
        var planned = PlannedStack(problems: session.warnings)
        do throws(Diagnostics) {
            let (result, setting, digest) = try await opening.plan(session, mode)
            planned.problems.append(result.warnings)
            planned.plan = result.plan
            planned.setting = setting
            planned.digest = digest
        } catch {
            planned.problems.append(error)
        }
        return planned
    }

    /// Compares a plan with the one before, and puts it into its place.
    private func shelved(_ planned: PlannedStack, _ session: StackSession, _ folder: String) async -> PlannedStack {
        var planned = planned
        await compare(&planned, session, folder)
        guard let shelf else { return planned }
        guard let plan = planned.plan else {
            await shelf.remove(folder)
            return planned
        }
        do throws(Diagnostics) {
            try await shelf.put(plan, in: planned.setting, of: folder, madeWith: session)
        } catch {
            // It is planned anew when it is applied.
            planned.problems.append(Diagnostics(error.all.map { .warning($0.summary, $0.detail) }))
        }
        return planned
    }

    private func compare(_ planned: inout PlannedStack, _ session: StackSession, _ folder: String) async {
        guard let before = previous?.stacks.first(where: { $0.folder == folder && $0.name == session.name }) else {
            return
        }
        // A second look at the same push tells of the same push before.
        if previous?.head == head {
            planned.formerDigest = before.formerDigest
            if before.digest == planned.digest {
                planned.movement = before.movement
                return
            }
        } else {
            planned.formerDigest = before.digest
        }
        guard let former = planned.formerDigest, let plan = planned.plan else { return }
        if former == planned.digest {
            planned.movement = .same
            return
        }
        var delta = PlanDelta()
        // Without the old plan, that it is another one is all that can be said.
        if let shelf, previous?.head != head,
            let old = try? await shelf.plan(
                folder, at: session.location, environment: opening.environment, defaults: opening.defaults)
        {
            delta = PlanDelta(from: old, to: plan)
        }
        planned.movement = .changed(delta)
    }
}
