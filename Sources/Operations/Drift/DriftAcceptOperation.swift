internal import Planning
public import PlumbModel
internal import StateBackendAPI

#if canImport(FoundationEssentials)
    internal import FoundationEssentials
#else
    internal import Foundation
#endif

/// `plumb drift accept` and `plumb drift ignore`: change the specs so that what has drifted is drift no more. The files are
/// loaded and planned anew to prove that, and put back where it is not so.
public struct DriftAcceptOperation: Sendable {
    private let location: StackLocation
    private let open: @Sendable () async throws(Diagnostics) -> StackSession
    private let report: @Sendable (RunEvent) -> Void

    /// What was written.
    public struct Edited: Sendable {
        /// From the stack's directory.
        public let file: String
        public let line: Int
        /// The places of the resource that are no drift any more.
        public let paths: [AttributePath]
    }

    public init(
        _ location: StackLocation, capabilities: Capabilities, environment: [String: String],
        variables: [VariableArgument], report: @escaping @Sendable (RunEvent) -> Void
    ) {
        self.location = location
        self.report = report
        open = { () async throws(Diagnostics) in
            try await StackSession.open(
                location, capabilities: capabilities, environment: environment, variables: variables)
        }
    }

    /// Writes live values into the specs.
    ///
    /// - Parameter path: one place of the resource; nil: all that has drifted.
    public func accept(_ address: String, path: String?) async throws(Diagnostics) -> Edited {
        try await edit(address, path) { (found, declaration, edit) throws(Diagnostics) in
            let places = try found.map { (one) throws(Diagnostics) in try scalar(one, declaration) }
            for (node, text) in places.sorted(by: { $0.node.range.start > $1.node.range.start }) {
                edit.replace(node.range.start, node.range.end, with: text)
            }
        }
    }

    /// Writes rules by which the specs leave to others what has drifted.
    public func ignore(_ address: String, path: String?) async throws(Diagnostics) -> Edited {
        try await edit(address, path) { (found, declaration, edit) throws(Diagnostics) in
            guard let body = declaration.body else {
                throw Self.refusal(found[0], declaration, "it has no keys of its own")
            }
            if let gone = found.first(where: \.path.steps.isEmpty) {
                throw Self.refusal(gone, declaration, "the resource is gone: nobody is left to take care of a value")
            }
            if let why = edit.ignore(found.map(\.path.description), in: body) {
                throw Self.refusal(found[0], declaration, "\(why), so that the rule has to be written by hand")
            }
        }
    }

    // MARK: - Editing

    private struct Declared {
        let range: SourceRange
        let spec: SpecificationNode?
        let body: SpecificationNode?
        let repeats: String?
    }

    private func edit(
        _ text: String, _ path: String?,
        _ change: ([DriftFinder.Found], Declared, inout SpecEdit) throws(Diagnostics) -> Void
    ) async throws(Diagnostics) -> Edited {
        let session = try await open()
        let found: [DriftFinder.Found]
        do throws(Diagnostics) {
            found = try choose(text, path, among: try await drift(of: session))
        } catch {
            await session.close()
            throw error
        }
        await session.close()
        guard let first = found.first, let index = session.graph.declaration(at: first.address.resource) else {
            throw Diagnostics(.error("No such drift", "Nothing has drifted at \"\(text)\"."))
        }
        let resolved = session.graph.declarations[index]
        let origin: SourceRange = resolved.range
        let declared = Declared(
            range: origin, spec: resolved.specNode, body: body(at: origin, session),
            repeats: first.address.key == nil ? nil : "for_each or count")
        if !first.address.module.isEmpty {
            throw Self.refusal(
                first, declared,
                "it stands in a module, so that everything that uses the module would change. Give the module "
                    + "an input for it")
        }
        var edit = SpecEdit(origin.file)
        try change(found, declared, &edit)
        try alone(edit, first, declared, session)
        let file = "\(location.directory)/\(origin.file.path)"
        try await replace(file, Array(origin.file.bytes), by: edit.bytes)
        do throws(Diagnostics) {
            try await prove(found)
        } catch {
            try await replace(file, edit.bytes, by: Array(origin.file.bytes))
            throw error
        }
        return Edited(
            file: origin.file.path, line: origin.location.line, paths: found.map(\.path))
    }

    /// Somebody may edit the file meanwhile: theirs is not overwritten.
    private func replace(_ path: String, _ old: [UInt8], by new: [UInt8]) async throws(Diagnostics) {
        let now = await BlockingWork.run { FileManager.default.contents(atPath: path).map { [UInt8]($0) } }
        guard now == old else {
            throw Diagnostics(
                .error(
                    "File has changed meanwhile",
                    "\"\(path)\" is not as it was read: somebody else has changed it, or it is made by a tool. It was left as it "
                        + "is. Look at it, and try again."))
        }
        try await FileReplacement.write(new, to: path)
    }

    /// What an alias repeats, and what stands under the same anchor elsewhere, would change with it.
    private func alone(
        _ edit: SpecEdit, _ found: DriftFinder.Found, _ declared: Declared, _ session: StackSession
    ) throws(Diagnostics) {
        let file = declared.range.file.path
        let node = declared.body ?? declared.spec
        // Anchors are known in their own file alone.
        let others = session.specification.resources.filter {
            $0.range.file.path == file && $0.range.start != declared.range.start
        }
        for place in edit.places {
            let isWithin = node?.range.encloses(place, of: file) ?? false
            let uses = (others.compactMap(\.body) + [node].compactMap(\.self)).reduce(0) {
                $0 + $1.uses(of: place, in: file)
            }
            guard isWithin, uses == 1 else {
                throw Self.refusal(
                    found, declared,
                    "what would be changed stands at an anchor, and an alias repeats it elsewhere. Write it out for this "
                        + "resource first")
            }
        }
    }

    private func drift(of session: StackSession) async throws(Diagnostics) -> [DriftFinder.Found] {
        let snapshot = try await translating { () throws(StateBackendError) in
            try await session.backend.snapshot(of: session.name)
        }
        let plan = try await PlanOperation(session).run(PlanOptions(), report: report)
        return DriftFinder(session: session, result: plan, isPlanned: true).find(known: snapshot.drift) { _ in false }
    }

    private func choose(
        _ text: String, _ path: String?, among found: [DriftFinder.Found]
    ) throws(Diagnostics) -> [DriftFinder.Found] {
        let ofAddress = found.filter { $0.address.description == text }
        let wanted = path.flatMap(AttributePath.init(parsing:))
        let chosen = ofAddress.filter { one in wanted.map { $0.contains(one.path) } ?? (path == nil) }
        guard chosen.isEmpty else { return chosen }
        let places = ofAddress.map(\.path.description)
        throw Diagnostics(
            .error(
                "No such drift",
                ofAddress.isEmpty
                    ? "Nothing has drifted at \"\(text)\"."
                        + "\(Suggestion.didYouMean(text, among: Set(found.map(\.address.description)))) Mind the shell's quotes."
                    : "\(text) has not drifted at \"\(path ?? "")\". It has at: \(places.joined(separator: ", "))."))
    }

    private func prove(_ found: [DriftFinder.Found]) async throws(Diagnostics) {
        let session = try await open()
        do throws(Diagnostics) {
            let rest = try await drift(of: session)
            if let left = found.first(where: { one in rest.contains { $0.address == one.address && $0.path == one.path }
            }) {
                throw Diagnostics(
                    .error(
                        "Drift would remain",
                        "With the specs so changed, \(left.address) would still be changed at \(left.path). The file was put "
                            + "back as it was; change the specs by hand.", address: left.address))
            }
        } catch {
            await session.close()
            throw error
        }
        await session.close()
    }

    /// What stands under the resource's key, found in the file as the loader has read it.
    private func body(at range: SourceRange, _ session: StackSession) -> SpecificationNode? {
        session.specification.resources.first {
            $0.range.start == range.start && $0.range.file.path == range.file.path
        }?
        .body
    }

    // MARK: - Values

    private func scalar(
        _ found: DriftFinder.Found, _ declared: Declared
    ) throws(Diagnostics) -> (node: SpecificationNode, text: String) {
        if found.path.steps.isEmpty {
            throw Self.refusal(found, declared, "the resource is gone: take its declaration out of the specs instead")
        }
        if found.live.containsSensitive || found.expected.containsSensitive {
            throw Self.refusal(found, declared, "the value is secret, and is not written into a file in clear")
        }
        var node = declared.spec
        for step in found.path.steps {
            switch step {
            case .key(let key): node = node?[key]
            case .index(let index): node = node?.sequence.flatMap { $0.indices.contains(index) ? $0[index] : nil }
            }
        }
        guard let node else {
            throw Self.refusal(
                found, declared,
                "the specs do not write that place themselves. Write it by hand: \(found.path): \(found.live.json)")
        }
        if let scalar = node.scalar, scalar.text.contains("${") || scalar.text.contains("%{") {
            throw Self.refusal(
                found, declared,
                "the value comes from the expression \(scalar.text) (\(node.range.location.path):\(node.range.location.line)). "
                    + "Change what it is made from so that it gives \(found.live.json), or write that in its place")
        }
        if let repeats = declared.repeats {
            throw Self.refusal(
                found, declared,
                "its instances come from \(repeats), and all of them would get the value. Make it differ by `each.key`, and "
                    + "let it be \(found.live.json) here")
        }
        guard let scalar = node.scalar, !scalar.isDecrypted, scalar.style != .literal, scalar.style != .folded,
            let text = SpecEdit.scalar(found.live, style: scalar.style)
        else {
            throw Self.refusal(
                found, declared,
                "only single values on one line are written by it. Write it by hand (\(node.range.location.path):"
                    + "\(node.range.location.line)): \(found.live.json)")
        }
        return (node, text)
    }

    private static func refusal(_ found: DriftFinder.Found, _ declared: Declared, _ why: String) -> Diagnostics {
        Diagnostics(
            .error(
                "Specs cannot be changed for it",
                "\(found.address)\(found.path.steps.isEmpty ? "" : " at \(found.path)"): \(why). "
                    + "Nothing was changed.", address: found.address, at: declared.range))
    }
}

extension SourceRange {
    fileprivate func encloses(_ place: Range<Int>, of path: String) -> Bool {
        file.path == path && start <= place.lowerBound && place.upperBound <= end
    }
}

extension SpecificationNode {
    /// How many times the innermost node around a place stands in this one, aliases followed.
    fileprivate func uses(of place: Range<Int>, in path: String) -> Int {
        let parts = mapping?.map(\.value) ?? sequence ?? []
        let inner = parts.reduce(0) { $0 + $1.uses(of: place, in: path) }
        return inner > 0 ? inner : range.encloses(place, of: path) ? 1 : 0
    }
}
