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
        try await edit(address, path) { (drift, declaration, edit) throws(Diagnostics) in
            var writable: [DriftFinder.Found] = []
            var refused: [(found: DriftFinder.Found, why: String)] = []
            for one in drift.chosen {
                do throws(SpecEdit.Refusal) {
                    var trial = edit
                    try declaration.accept([one], &trial)
                    _ = try trial.changed()
                    try drift.throwIfOthersDiffer(one)
                    writable.append(one)
                } catch {
                    refused.append((one, error.reason))
                }
            }
            if let first = refused.first { throw Self.refusal(first.found, declaration, first.why, instead: writable) }
            do throws(SpecEdit.Refusal) {
                try declaration.accept(writable, &edit)
            } catch {
                throw Self.refusal(writable[0], declaration, error.reason)
            }
        }
    }

    /// Writes rules by which the specs leave to others what has drifted.
    public func ignore(_ address: String, path: String?) async throws(Diagnostics) -> Edited {
        try await edit(address, path) { (drift, declaration, edit) throws(Diagnostics) in
            let found = drift.chosen
            guard let body = declaration.body else {
                throw Self.refusal(found[0], declaration, "it has no keys of its own")
            }
            if let gone = found.first(where: \.path.steps.isEmpty) {
                throw Self.refusal(gone, declaration, "the resource is gone: nobody is left to take care of a value")
            }
            do throws(SpecEdit.Refusal) {
                try edit.ignore(found.map(\.path.description), in: body, behind: declaration.range.end)
            } catch {
                throw Self.refusal(found[0], declaration, error.reason)
            }
        }
    }

    // MARK: - Editing

    private func edit(
        _ text: String, _ path: String?,
        _ change: (InstanceDrift, DriftedDeclaration, inout SpecEdit) throws(Diagnostics) -> Void
    ) async throws(Diagnostics) -> Edited {
        let session = try await open()
        let drift: InstanceDrift
        do throws(Diagnostics) {
            drift = try choose(text, path, among: try await self.drift(of: session))
        } catch {
            await session.close()
            throw error
        }
        await session.close()
        guard let first = drift.chosen.first, let declaration = DriftedDeclaration(of: first.address, session) else {
            throw Diagnostics(.error("No such drift", "Nothing has drifted at \"\(text)\"."))
        }
        if !first.address.module.isEmpty {
            throw Self.refusal(
                first, declaration,
                "it stands in a module, so that everything that uses the module would change. Give the module "
                    + "an input for it")
        }
        let origin = declaration.range.file
        var edit = SpecEdit(origin)
        try change(drift, declaration, &edit)
        let changed: [UInt8]
        do throws(SpecEdit.Refusal) {
            changed = try edit.changed()
        } catch {
            throw Self.refusal(first, declaration, error.reason)
        }
        let file = "\(location.directory)/\(origin.path)"
        try await replace(file, origin.bytes, by: changed)
        do throws(Diagnostics) {
            try await prove(drift.all, declaration, session)
        } catch {
            try await replace(file, changed, by: origin.bytes)
            throw error
        }
        let place = zip(origin.bytes, changed).enumerated().first { $0.element.0 != $0.element.1 }?.offset
        return Edited(
            file: origin.path,
            line: SourceFile(path: origin.path, bytes: changed).position(
                at: place ?? min(origin.bytes.count, changed.count)
            ).line, paths: drift.chosen.map(\.path))
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

    private func drift(
        of session: StackSession
    ) async throws(Diagnostics) -> (found: [DriftFinder.Found], recorded: [ResourceAddress]) {
        let snapshot = try await translating { () throws(StateBackendError) in
            try await session.backend.snapshot(of: session.name)
        }
        let plan = try await PlanOperation(session).run(PlanOptions(), report: report)
        let finder = DriftFinder(session: session, result: plan, isPlanned: true)
        return (finder.find(known: snapshot.drift) { _ in false }, snapshot.resources.map(\.address))
    }

    private func choose(
        _ text: String, _ path: String?, among drift: (found: [DriftFinder.Found], recorded: [ResourceAddress])
    ) throws(Diagnostics) -> InstanceDrift {
        let found = drift.found
        let ofAddress = found.filter { $0.address.description == text }
        let wanted = path.flatMap(AttributePath.init(parsing:))
        let chosen = ofAddress.filter { one in wanted.map { $0.contains(one.path) } ?? (path == nil) }
        if !chosen.isEmpty { return InstanceDrift(chosen, among: found, recorded: drift.recorded) }
        let places = ofAddress.map(\.path.description)
        throw Diagnostics(
            .error(
                "No such drift",
                ofAddress.isEmpty
                    ? "Nothing has drifted at \"\(text)\"."
                        + "\(Suggestion.didYouMean(text, among: Set(found.map(\.address.description)))) Mind the shell's quotes."
                    : "\(text) has not drifted at \"\(path ?? "")\". It has at: \(places.joined(separator: ", "))."))
    }

    /// Loads and plans anew: what was chosen is drift no more, and all else that the specs say is as before.
    private func prove(
        _ found: [DriftFinder.Found], _ declaration: DriftedDeclaration, _ before: StackSession
    ) async throws(Diagnostics) {
        let session = try await open()
        do throws(Diagnostics) {
            guard declaration.isAlone(in: before.specification, session.specification, found.map(\.path)) else {
                throw Diagnostics(
                    .error(
                        "Specs cannot be changed for it",
                        "With the specs so changed, more than \(found[0].address) would read otherwise. The file was put back "
                            + "as it was; change the specs by hand.", address: found[0].address))
            }
            let rest = try await drift(of: session).found
            let left = found.first { one in
                rest.contains {
                    $0.address == one.address && ($0.path.contains(one.path) || one.path.contains($0.path))
                }
            }
            if let left {
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

    /// - Parameter others: what could be written by itself.
    private static func refusal(
        _ found: DriftFinder.Found, _ declared: DriftedDeclaration, _ why: String,
        instead others: [DriftFinder.Found] = []
    ) -> Diagnostics {
        let paths = others.map(\.path.description)
        let command = "plumb drift accept \(shellWord(found.address.description))"
        let advice =
            switch paths.count {
            case 0: ""
            case 1: " `\(command) \(shellWord(paths[0]))` takes the other place."
            default: " `\(command) PATH` takes each of the others: \(paths.joined(separator: ", "))."
            }
        return Diagnostics(
            .error(
                "Specs cannot be changed for it",
                "\(found.address)\(found.path.steps.isEmpty ? "" : " at \(found.path)"): \(why). "
                    + "Nothing was changed.\(advice)", address: found.address, at: declared.range))
    }

    private static func shellWord(_ text: String) -> String {
        let isPlain = text.utf8.allSatisfy { byte in
            (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
                || "._-".utf8.contains(byte)
        }
        return isPlain ? text : "'" + text.replacing("'", with: "'\\''") + "'"
    }
}
