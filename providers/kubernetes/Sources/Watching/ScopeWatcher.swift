import HTTPTransport
import PlumbModel
import ProviderAPI

/// Keeps one scope under watch: a LIST, then a WATCH from there on, for as long as its task lives.
struct ScopeWatcher {
    private let scope: WatchScope
    /// Its number on the board.
    private let part: Int
    private let type: KubernetesObject
    private let board: WatchBoard
    /// Where the watch goes on; nil: everything must be listed anew.
    private var version: String?
    private var pause = WatchPause()

    init(_ scope: WatchScope, part: Int, _ type: KubernetesObject, _ board: WatchBoard) {
        self.scope = scope
        self.part = part
        self.type = type
        self.board = board
    }

    /// Bookmarks come each minute: a connection that is silent for longer is dead.
    private static let longestSilence = Duration.seconds(150)
    /// Between looks at a kind that the server does not offer any more.
    private static let missingKindSeconds = 15.0

    private enum Ending {
        /// To be gone on with.
        case ended
        /// What was missed is not to be had any more.
        case expired
    }

    /// - Throws: `cancelled` alone; everything else is told to the board, and tried again.
    mutating func run() async throws(ProviderError) {
        while true {
            do throws(ProviderError) {
                if version == nil {
                    switch try await list() {
                    case .listed(let found): version = found
                    case .forbidden: return try await runPerNamespace()
                    case .missing:
                        try await WatchPause.wait(Self.missingKindSeconds * Double.random(in: 0.5...1))
                        continue
                    }
                }
                let start = ContinuousClock.now
                if case .expired = try await follow() {
                    version = nil
                    try await pause.wait()
                } else if ContinuousClock.now - start < .seconds(1) {
                    try await pause.wait()
                }
            } catch {
                guard !Task.isCancelled, error.code != .cancelled else { throw error }
                // What cannot be read may have been a change.
                if !error.isRetryable { version = nil }
                // The first break may be no more than a server that restarts its connection.
                if pause.failures > 0 { board.note(breakOf: part, error.message) }
                try await pause.wait()
            }
        }
    }

    private func runPerNamespace() async throws(ProviderError) {
        let scopes = scope.perNamespace
        let parts = board.divide(part, into: scopes.count)
        try await ObjectWatch(type: type, board: board).run(zip(scopes, parts).map { (.scope($0), $1) })
    }

    // MARK: - LIST

    private enum Listing {
        case listed(String)
        /// The whole cluster must not be seen.
        case forbidden
        case missing
    }

    private mutating func list() async throws(ProviderError) -> Listing {
        var seen: Set<String> = []
        var restarts = 0
        var next: String?
        var version: String
        while true {
            var query = scope.query + [("limit", "500")]
            if let next { query.append(("continue", next)) }
            let answer = try await type.cluster.link().client.ask(
                .init(path: scope.path, query: query, hidesResponse: KubernetesObject.isSecret(scope.resource)))
            if let refusal = Refusal(answer) {
                if refusal.status == 403, scope.namespace == nil, scope.resource.isNamespaced { return .forbidden }
                // The pages of a list go stale after minutes: it is begun anew.
                if refusal.status == 410, next != nil, restarts < 3 {
                    restarts += 1
                    (next, seen) = (nil, [])
                    continue
                }
                guard refusal.status == 404 else { throw refusal.error(changes: false) }
                noteAbsence(besides: [])
                board.note(listingOf: part)
                return .missing
            }
            let metadata = answer.body[key: "metadata"] ?? .null
            version = metadata[key: "resourceVersion"]?.asString ?? ""
            for item in answer.body[key: "items"]?.asList ?? [] {
                if let key = compare(item) { seen.insert(key) }
            }
            next = metadata[key: "continue"]?.asString.flatMap { $0.isEmpty ? nil : $0 }
            if next == nil { break }
        }
        guard !version.isEmpty else {
            throw ProviderError(
                .unexpected, "The list of \(scope.resource.plural) has no resourceVersion, so it cannot be watched.")
        }
        noteAbsence(besides: seen)
        board.note(listingOf: part)
        return .listed(version)
    }

    private func noteAbsence(besides seen: Set<String>) {
        for (key, indexes) in scope.members where !seen.contains(key) {
            for index in indexes { board.note(deletionOf: index) }
        }
    }

    /// The object's key where it is watched.
    private func compare(_ item: Value) -> String? {
        guard let (indexes, key, object) = scope.find(item) else { return nil }
        for index in indexes { board.note(type.seen(object, like: board.prior(index)), of: index) }
        return key
    }

    // MARK: - WATCH

    private mutating func follow() async throws(ProviderError) -> Ending {
        let query =
            scope.query + [
                ("watch", "true"), ("allowWatchBookmarks", "true"), ("resourceVersion", version ?? ""),
                // Servers end watches by themselves; each at its own time.
                ("timeoutSeconds", String(Int.random(in: 240...480))),
            ]
        let client = try type.cluster.link().client
        let call = ClusterClient.Call(
            path: scope.path, query: query, hidesResponse: KubernetesObject.isSecret(scope.resource))
        let stream = try await client.stream(call, silence: Self.longestSilence)
        guard (200...299).contains(stream.status) else { return try await refused(stream, call, client) }
        board.note(returnOf: part)
        var lines = stream.body.lines().makeAsyncIterator()
        while true {
            let line: [UInt8]?
            do {
                line = try await lines.next()
            } catch {
                throw ProviderError(error, changes: false, origin: client.access.origin)
            }
            guard let line else { return .ended }
            if line.isEmpty { continue }
            guard let event = try? Value(json: line), let object = event[key: "object"] else {
                throw ProviderError(
                    .unexpected, "The watch of \(scope.resource.plural) brought something that is no event.")
            }
            if let ending = try take(event[key: "type"]?.asString ?? "", object) { return ending }
            pause.reset()
        }
    }

    private func refused(
        _ stream: HTTPResponseStream, _ call: ClusterClient.Call, _ client: ClusterClient
    ) async throws(ProviderError) -> Ending {
        let body: Value
        do {
            body = (try? Value(json: try await stream.whole().body)) ?? .null
        }
        let summary = "WATCH \(client.access.server)\(call.path)"
        guard let refusal = Refusal(.init(status: stream.status, body: body, summary: summary)) else { return .ended }
        if refusal.isGone { return .expired }
        throw refusal.error(changes: false)
    }

    /// What an event says; nil: go on.
    private mutating func take(_ kind: String, _ object: Value) throws(ProviderError) -> Ending? {
        switch kind {
        case "ADDED", "MODIFIED": _ = compare(object)
        case "DELETED":
            if let (indexes, _, _) = scope.find(object) { for index in indexes { board.note(deletionOf: index) } }
        case "BOOKMARK": break
        case "ERROR":
            let code = object[key: "code"]?.asInt ?? 0
            if code == 410 || ["Expired", "Gone"].contains(object[key: "reason"]?.asString ?? "") { return .expired }
            throw ProviderError(
                .unavailable,
                "The watch of \(scope.resource.plural) was ended by the server: "
                    + "\(object[key: "message"]?.asString ?? "it gave no reason")", isRetryable: true)
        // Of a later server; it cannot be told what it means, so everything is compared anew.
        default: return .expired
        }
        if let now = object[key: "metadata"]?[key: "resourceVersion"]?.asString, !now.isEmpty { version = now }
        return nil
    }
}
