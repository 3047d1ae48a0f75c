internal import PlumbModel
internal import ProviderAPI

/// Reads what recorded resources look like now: many at once, and one LIST for all of a type where the provider can.
struct Refresher {
    let catalogue: ProviderCatalogue
    let parallelism: Int
    /// Whether what cannot be read is a finding.
    var sparesUnreadable = false
    let report: @Sendable (RunEvent) -> Void

    /// What was found of one record.
    enum Finding: Sendable {
        /// Not asked: nothing outside the state could answer.
        case recorded
        case live(ResourceState)
        case gone
        case unreadable(UnreadableResource)
    }

    /// One call of a provider.
    private struct Request: Sendable {
        let type: any ResourceType
        /// Indexes into the records.
        let records: [Int]
        /// Whether it was asked for with others before, and failed.
        var isRepeated = false
    }

    /// - Returns: one finding a record, in their order.
    /// - Throws: what could not be read, all of it.
    func refresh(_ records: [ResourceRecord]) async throws(Diagnostics) -> [Finding] {
        var findings = [Finding](repeating: .recorded, count: records.count)
        let requests = try requests(for: records, &findings)
        let total = requests.reduce(0) { $0 + $1.records.count }
        guard total > 0 else { return findings }
        var diagnostics = Diagnostics()
        var done = 0
        report(.refreshing(done: 0, total: total))
        await withTaskGroup(of: (Request, Result<[ResourceState?], ProviderError>).self) { group in
            var pending = requests[...]
            var running = 0
            func start() {
                while running < parallelism, let request = pending.popFirst() {
                    let priors = request.records.map { records[$0].state }
                    group.addTask { (request, await Refresher.read(request, priors)) }
                    running += 1
                }
            }
            start()
            for await (request, result) in group {
                running -= 1
                defer { start() }
                if case .failure(let error) = result, sparesUnreadable, request.records.count > 1, !error.isUnreachable
                {
                    // One of them may be why the others cannot be read together with it.
                    pending += request.records.map { Request(type: request.type, records: [$0], isRepeated: true) }
                    continue
                }
                done += request.records.count
                report(.refreshing(done: done, total: total))
                switch result {
                case .success(let states):
                    for (index, state) in zip(request.records, states) {
                        findings[index] =
                            state.map { Refresher.finding($0, request.type.schema, records[index]) } ?? .gone
                    }
                case .failure(let error) where sparesUnreadable:
                    for index in request.records {
                        findings[index] = .unreadable(
                            UnreadableResource(
                                records[index].address, reason: error.message, isPassing: error.isUnreachable))
                    }
                case .failure(let error):
                    for index in request.records.prefix(1) { diagnostics.append(problem(error, records[index])) }
                }
            }
        }
        try diagnostics.throwIfErrors()
        return findings
    }

    private func requests(
        for records: [ResourceRecord], _ findings: inout [Finding]
    ) throws(Diagnostics) -> [Request] {
        var requests: [Request] = []
        var listed: [String: (type: any Listing, records: [Int])] = [:]
        var diagnostics = Diagnostics()
        for (index, record) in records.enumerated() {
            guard let type = catalogue.resourceType(record.address.type, of: record.provider, at: .recorded) else {
                guard sparesUnreadable else {
                    diagnostics.append(Refresher.missingType(record))
                    continue
                }
                let reason =
                    "Its provider instance \"\(record.provider)\" is not configured any more, or lacks its type."
                findings[index] = .unreadable(UnreadableResource(record.address, reason: reason, isPassing: false))
                continue
            }
            guard type.hasLiveState else { continue }
            if let listing = type as? any Listing {
                listed["\(record.provider) \(record.address.type)", default: (listing, [])].records.append(index)
            } else {
                requests.append(Request(type: type, records: [index]))
            }
        }
        try diagnostics.throwIfErrors()
        return listed.sorted { $0.key < $1.key }.map { Request(type: $0.value.type, records: $0.value.records) }
            + requests
    }

    static func missingType(_ record: ResourceRecord) -> Diagnostic {
        .error(
            "Provider not configured",
            "\(record.address) is recorded as a resource of the provider instance \"\(record.provider)\", which "
                + "`stack.yaml` does not configure any more (or which no longer has the type \(record.address.type)). Put it "
                + "back until the resource is destroyed, or take the row out of the state.", address: record.address)
    }

    private static func read(
        _ request: Request, _ priors: [ResourceState]
    ) async -> Result<[ResourceState?], ProviderError> {
        do throws(ProviderError) {
            if !request.isRepeated, let listing = request.type as? any Listing {
                return .success(try await listing.read(all: priors))
            }
            var states: [ResourceState?] = []
            for prior in priors { states.append(try await request.type.read(prior)) }
            return .success(states)
        } catch {
            return .failure(error)
        }
    }

    private static func finding(_ state: ResourceState, _ schema: Schema, _ record: ResourceRecord) -> Finding {
        .live(ResourceState(schema.marked(state.values, like: record.values), privateData: state.privateData))
    }

    private func problem(_ error: ProviderError, _ record: ResourceRecord) -> Diagnostic {
        Diagnostic.error(
            "Cannot read resource", "\(record.address) could not be read: \(error.message)", address: record.address
        )
        .passing(if: error.isUnreachable)
    }
}

extension ResourceRecord {
    /// The record as a provider sees it: without marks.
    var state: ResourceState { ResourceState(values.forProvider, privateData: privateData) }
}
