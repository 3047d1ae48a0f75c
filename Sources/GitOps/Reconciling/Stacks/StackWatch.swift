internal import Operations
internal import PlumbModel
internal import ProviderAPI
internal import StateBackendAPI

/// Watches what is recorded of a stack, where its providers tell of changes by themselves.
actor StackWatch {
    /// Open as long as the watch is: a heal needs no second one.
    nonisolated let session: StackSession
    nonisolated let revision: String
    private let notice: @Sendable (WatchEvent) async -> Void
    private var tasks: [Task<Void, Never>] = []
    /// What is watched, as it was recorded.
    private var watched: [ResourceRecord] = []

    enum WatchEvent: Sendable {
        case drifted
        case interrupted(String)
    }

    init(
        _ session: StackSession, revision: String, notice: @escaping @Sendable (WatchEvent) async -> Void
    ) {
        self.session = session
        self.revision = revision
        self.notice = notice
    }

    /// Whether a stack has providers that can be watched.
    static func isOfUse(for session: StackSession) -> Bool {
        session.catalogue.entries.contains { session.catalogue.watching($0.name) != nil }
    }

    /// Begins, or begins anew where something else is recorded by now.
    func refresh() async throws(StateBackendError) {
        let snapshot = try await session.backend.snapshot(of: session.name)
        let records = snapshot.resources.filter { record in
            record.deposedKey == nil && session.catalogue.watching(record.provider) != nil
        }.sorted { $0.address < $1.address }
        guard records != watched || tasks.isEmpty else { return }
        stop()
        watched = records
        for (provider, records) in Dictionary(grouping: records, by: \.provider) {
            guard let instance = session.catalogue.watching(provider) else { continue }
            tasks.append(Task { [notice] in await Self.follow(instance, records, notice) })
        }
    }

    func end() async {
        let ending = tasks
        stop()
        for task in ending { await task.value }
        await session.close()
    }

    private func stop() {
        for task in tasks { task.cancel() }
        tasks = []
    }

    private static func follow(
        _ instance: any Watching, _ records: [ResourceRecord], _ notice: @escaping @Sendable (WatchEvent) async -> Void
    ) async {
        let resources = records.map { record in
            WatchedResource(
                type: record.address.type,
                state: ResourceState(record.values.forProvider, privateData: record.privateData))
        }
        let mailbox = WatchMailbox()
        await withTaskGroup(of: Void.self) { group in
            group.addTask {
                for await seen in mailbox {
                    switch seen {
                    case .drifted, .deleted: await notice(.drifted)
                    case .interrupted(let reason): await notice(.interrupted(reason))
                    case .restored, .began, .resumed: break
                    }
                }
            }
            do throws(ProviderError) {
                try await instance.watch(resources, into: mailbox)
            } catch {
                if error.code != .cancelled { await notice(.interrupted(error.message)) }
            }
            mailbox.finish()
        }
    }
}
