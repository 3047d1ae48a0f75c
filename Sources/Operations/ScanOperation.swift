internal import Planning
public import PlumbModel
internal import ProviderAPI
internal import StateBackendAPI

/// `plumb scan`: asks the providers what exists, and holds it against the state.
public struct ScanOperation: Sendable {
    private let session: StackSession

    public init(_ session: StackSession) { self.session = session }

    /// Something to ask.
    private struct Subject {
        let provider: String
        let type: any Scanning
    }

    /// - Parameters:
    ///   - patterns: only types that match one of them; empty: all of the providers that the stack uses.
    ///   - provider: only this provider instance.
    public func run(_ patterns: [String], provider: String?) async throws(Diagnostics) -> ScanResult {
        let snapshot: StateSnapshot
        do throws(StateBackendError) {
            snapshot = try await session.backend.snapshot(of: session.name)
        } catch {
            throw Diagnostics(.error("Cannot read state", error.message))
        }
        let (subjects, unscannable, late) = try subjects(
            patterns.map(AddressPattern.init), provider, usedProviders(snapshot))
        var naming = AddressNaming(taken: snapshot.resources.map(\.address) + session.graph.declarations.map(\.address))
        var results: [ScanResult.TypeResult] = []
        var problems = late
        for subject in subjects {
            do throws(ProviderError) {
                let recorded = recorded(of: subject, snapshot)
                let managed = Set(try recorded.map(subject.type.identity))
                let finding = try await subject.type.scan(beside: recorded)
                for gap in finding.gaps { problems.append(.warning("Not everything was scanned", gap)) }
                let found = finding.resources
                let unmanaged = found.filter { !managed.contains($0.identity) }.map {
                    ScanResult.Unmanaged(address: naming.address(of: subject.type.name, id: $0.id), id: $0.id)
                }
                results.append(
                    ScanResult.TypeResult(
                        type: subject.type.name, provider: subject.provider, total: found.count, unmanaged: unmanaged))
            } catch {
                problems.append(
                    .error(
                        "Cannot scan type",
                        "What exists of \(subject.type.name) in \(subject.provider) could not be found out: \(error.message)"
                    ))
            }
        }
        return ScanResult(types: results, unscannable: unscannable, problems: problems)
    }

    /// The instances that the stack sets up or has something of. Others are there by default, for systems that need not be.
    private func usedProviders(_ snapshot: StateSnapshot) -> Set<String> {
        let families = (session.specification.stack.providers?.mapping ?? []).map(\.key)
        let setUp = session.catalogue.entries.map(\.name).filter { name in
            families.contains { name == $0 || name.hasPrefix("\($0).") || name.hasPrefix("\($0)[") }
        }
        return Set(setUp + snapshot.resources.map(\.provider) + session.graph.declarations.map(\.provider))
    }

    /// What is recorded of all types that the subject lists.
    private func recorded(of subject: Subject, _ snapshot: StateSnapshot) -> [ResourceState] {
        let names = Set(
            session.catalogue.entries.filter { $0.name == subject.provider }.flatMap(\.instance.resourceTypes)
                .filter { ($0 as? any Scanning)?.scannedAs == subject.type.name }.map(\.name) + [subject.type.name])
        return snapshot.resources.filter { $0.provider == subject.provider && names.contains($0.address.type) }.map {
            ResourceState($0.values.forProvider, privateData: $0.privateData)
        }
    }

    private func subjects(
        _ patterns: [AddressPattern], _ provider: String?, _ used: Set<String>
    ) throws(Diagnostics) -> ([Subject], unscannable: [String], Diagnostics) {
        let catalogue = session.catalogue
        var subjects: [Subject] = []
        var unscannable: Set<String> = []
        var unconfigured = Diagnostics()
        var known: Set<String> = []
        let names = catalogue.entries.filter { !$0.isTemplate }.map(\.name)
        if let provider, !names.contains(where: { $0 == provider || $0.hasSuffix(".\(provider)") }) {
            throw Diagnostics(
                .error(
                    "Unknown provider",
                    "There is no provider instance named \"\(provider)\".\(Suggestion.didYouMean(provider, among: names)) "
                        + "There is: \(names.joined(separator: ", "))."))
        }
        for entry in catalogue.entries where !entry.isTemplate {
            if let provider, entry.name != provider, !entry.name.hasSuffix(".\(provider)") { continue }
            if provider == nil, patterns.isEmpty, !used.contains(entry.name) { continue }
            for name in entry.instance.resourceTypes.map(\.name) {
                known.insert(name)
                guard patterns.isEmpty || patterns.contains(where: { $0.matches(text: name) }) else { continue }
                let type = catalogue.resourceType(name, of: entry.name)
                if type?.hasLiveState == false, catalogue.isConfigured(entry.name) { continue }
                guard catalogue.isConfigured(entry.name) else {
                    unconfigured.append(
                        .warning(
                            "Provider not asked",
                            "\(name) was not scanned: the settings of \"\(entry.name)\" come from resources, whose values are "
                                + "known only while a plan is made."))
                    continue
                }
                if let type = type as? any Scanning {
                    // Listed under the other name, whichever of the two is asked for.
                    guard type.scannedAs == name else { continue }
                    subjects.append(Subject(provider: entry.name, type: type))
                } else {
                    unscannable.insert(name)
                }
            }
        }
        for pattern in patterns where !known.contains(where: { pattern.matches(text: $0) }) {
            throw Diagnostics(
                .error(
                    "Unknown type",
                    "No configured provider has a type that matches \"\(pattern)\"."
                        + Suggestion.didYouMean(pattern.description, among: known.sorted())))
        }
        return (subjects, unscannable.sorted(), unconfigured)
    }
}
