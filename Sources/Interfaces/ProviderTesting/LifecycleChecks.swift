import PlumbModel
import ProviderAPI

extension ConformanceRun {
    func checkSchema() throws {
        var seen: Set<String> = []
        for attribute in type.schema.attributes {
            let name = attribute.name
            try expect(seen.insert(name).inserted, "each attribute once", got: "\(name) twice")
            try expect(isSnakeCase(name), "attribute names in snake_case", got: "\"\(name)\"")
            try expect(!attribute.summary.isEmpty, "a summary for \(name)", got: "none")
            try expect(
                attribute.defaultValue == nil || attribute.presence == .optional,
                "defaults only where an attribute is optional", got: "one for \(name)")
            try expect(
                !attribute.forcesReplacement || attribute.isSettable,
                "only what can be declared forces replacement", got: "\(name), which is computed")
            try expect(
                !attribute.isVolatile || attribute.isComputed, "only computed attributes are volatile", got: name)
        }
        try expect(isSnakeCase(type.name), "a type name in snake_case", got: "\"\(type.name)\"")
        let given = conformance.declared(unique).asMap ?? ValueMap()
        for name in given.keys {
            try expect(
                type.schema[name]?.isSettable == true, "the schema lets a spec give \(name)", got: "no such attribute")
        }
        for attribute in type.schema.attributes where attribute.presence == .required {
            try expect(given[attribute.name] != nil, "a value for the required \(attribute.name)", got: "none")
        }
    }

    private func isSnakeCase(_ name: String) -> Bool {
        name.utf8.first.map { $0 >= 0x61 && $0 <= 0x7A } == true
            && name.utf8.allSatisfy { ($0 >= 0x61 && $0 <= 0x7A) || ($0 >= 0x30 && $0 <= 0x39) || $0 == 0x5F }
    }

    mutating func checkCreation() async throws {
        let plan = try await plan(conformance.declared, prior: nil)
        try expect(plan.replacePaths.isEmpty, "no replacement in the plan of a creation", got: "\(plan.replacePaths)")
        let state = try await create(plan.planned)
        try await expectExistence(true, of: state)
    }

    mutating func checkReadingBack() async throws {
        let state = try await create()
        guard let live = try await type.read(state) else {
            throw fail(expected: "read finds what was created", got: "nothing")
        }
        try expectSame(state.values, live.values, "read gives what create gave")
        guard let again = try await type.read(live) else {
            throw fail(expected: "read finds it a second time", got: "nothing")
        }
        try expect(again == live, "reading twice gives the same", got: "something else")
    }

    mutating func checkNothingToDo() async throws {
        let state = try await create()
        try await expectNoChange(conformance.declared, state, "after the creation")
    }

    /// A plan over what exists now changes nothing.
    func expectNoChange(
        _ declaration: ProviderConformance.Declaration, _ state: ResourceState, _ moment: String
    ) async throws {
        guard let live = try await read(state) else {
            throw fail(expected: "the resource is there \(moment)", got: "nothing")
        }
        let plan = try await plan(declaration, prior: live)
        try expect(plan.replacePaths.isEmpty, "no replacement \(moment)", got: "\(plan.replacePaths)")
        // Exactly: a plan that rewrites a value into another spelling is a change that never goes away.
        for attribute in type.schema.attributes {
            let old = live.values[key: attribute.name] ?? .null
            let new = plan.planned[key: attribute.name] ?? .null
            try expect(
                old == new, "an empty plan \(moment), \(attribute.name) = \(show(old, attribute))",
                got: show(new, attribute))
        }
    }

    mutating func checkUpdate() async throws {
        guard let inPlace = conformance.inPlace else { return }
        let state = try await create()
        let plan = try await plan(inPlace, prior: state)
        try expect(plan.replacePaths.isEmpty, "an update in place", got: "replacement by \(plan.replacePaths)")
        try expect(plan.planned != state.values, "a change", got: "an empty plan")
        let updated = try await update(state, to: plan.planned)
        if let live = try await read(updated) {
            try expectSame(updated.values, live.values, "read gives what update gave")
        }
        try await expectExistence(true, of: updated)
        try await expectNoChange(inPlace, updated, "after the update")
    }

    mutating func checkReplacement() async throws {
        guard let replacement = conformance.replacement else { return }
        let state = try await create()
        let plan = try await plan(replacement, prior: state)
        try expect(!plan.replacePaths.isEmpty, "a replacement", got: "an update in place, or nothing")
        for path in plan.replacePaths {
            try expect(
                plan.planned[path: path] != state.values[path: path], "replace paths name what changed",
                got: "\(path), which did not")
        }
        try await delete(state)
        let replaced = try await create(plan.planned)
        try await expectExistence(true, of: replaced)
        try await expectNoChange(replacement, replaced, "after the replacement")
    }

    mutating func checkDrift() async throws {
        var state = try await create()
        for drift in conformance.drifts {
            try await drift.happen(state)
            let live = try await type.read(state)
            try expect(live?.values != state.values, "drift is seen when \(drift.name)", got: "the recorded values")
            state = try await heal(live, recorded: state, drift)
            try await expectExistence(true, of: state)
            try await expectNoChange(conformance.declared, state, "after healing (\(drift.name))")
        }
    }

    private mutating func heal(
        _ live: ResourceState?, recorded: ResourceState, _ drift: Drift
    ) async throws -> ResourceState {
        let plan = try await plan(conformance.declared, prior: live)
        guard let live else { return try await create(plan.planned) }
        try expect(plan.planned != live.values, "a plan that heals when \(drift.name)", got: "an empty plan")
        guard plan.replacePaths.isEmpty else {
            try await delete(live)
            return try await create(plan.planned)
        }
        return try await update(live, to: plan.planned)
    }

    mutating func checkDeletion() async throws {
        let state = try await create()
        try await delete(state)
        try await expectGone(state)
    }

    func expectGone(_ state: ResourceState) async throws {
        try await expectExistence(false, of: state)
        guard type.hasLiveState else { return }
        try expect(try await type.read(state) == nil, "read finds nothing after the deletion", got: "a resource")
    }

    mutating func checkDeletionOfGone() async throws {
        let state = try await create()
        try await delete(state)
        do {
            try await delete(state)
        } catch {
            throw fail(expected: "deleting what is gone succeeds", got: "\(error)")
        }
    }

    /// Listing types are asked for all at once; the answers must stand in the order of the questions.
    mutating func checkReadingMany() async throws {
        let kept = try await create()
        guard type.hasLiveState else {
            let answer = try await type.read(kept)
            return try expect(answer == kept, "read of what has no live state gives what is recorded", got: "another")
        }
        var answers: [ResourceState?] = []
        if let listing = type as? any Listing {
            answers = try await listing.read(all: [kept, kept])
        } else {
            answers = [try await type.read(kept), try await type.read(kept)]
        }
        try expect(answers.count == 2, "one answer for each question", got: "\(answers.count) for 2")
        for answer in answers {
            guard let answer else { throw fail(expected: "what exists is found among many", got: "nothing") }
            try expectSame(kept.values, answer.values, "reading many gives what create gave")
        }
        try await delete(kept)
        if let listing = type as? any Listing {
            answers = try await listing.read(all: [kept])
        } else {
            answers = [try await type.read(kept)]
        }
        try expect(answers == [nil], "nothing for what is gone", got: "\(answers.count) answers, one with a resource")
    }

    mutating func checkImport() async throws {
        guard let importID = conformance.importID else { return }
        guard let importing = type as? any Importing else {
            throw fail(expected: "the type is Importing", got: "it is not")
        }
        let state = try await create()
        guard let imported = try await importing.importResource(id: importID(state)) else {
            throw fail(expected: "import finds the resource by \"\(importID(state))\"", got: "nothing")
        }
        try expectSame(
            state.values, imported.values, "import gives what create gave", except: conformance.unimportable)
        guard type.hasLiveState else { return }
        try await delete(state)
        try expect(
            try await importing.importResource(id: importID(state)) == nil, "import finds nothing when it is gone",
            got: "a resource")
    }
}
