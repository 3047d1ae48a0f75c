internal import PlumbModel
internal import StateBackendAPI

#if canImport(FoundationEssentials)
    internal import FoundationEssentials
#else
    internal import Foundation
#endif

/// Reads and writes a controller's records as values of Swift.
struct RecordKeeper: Sendable {
    enum Kind: String, Sendable {
        case status, memory, orders, plan, told
        case pullRequest = "pull-request"
    }

    let store: any ControllerStore

    struct Kept<Content: Sendable>: Sendable {
        var content: Content
        var version: Int64?
    }

    /// By key. What cannot be understood any more (a later version has written it) counts as not being there, since all of
    /// it can be found out anew.
    func all<Content: Codable & Sendable>(
        _ kind: Kind, as type: Content.Type
    ) async throws(Diagnostics) -> [String: Kept<Content>] {
        let records = try await asking { () throws(StateBackendError) in try await store.records(of: kind.rawValue) }
        var kept: [String: Kept<Content>] = [:]
        for record in records {
            if let content: Content = Self.decode(record.text) {
                kept[record.key] = Kept(content: content, version: record.version)
            }
        }
        return kept
    }

    func one<Content: Codable & Sendable>(
        _ kind: Kind, _ key: String, as type: Content.Type
    ) async throws(Diagnostics) -> Kept<Content>? {
        let record = try await asking { () throws(StateBackendError) in
            try await store.record(of: kind.rawValue, key: key)
        }
        guard let record, let content: Content = Self.decode(record.text) else { return nil }
        return Kept(content: content, version: record.version)
    }

    /// Writes what this controller alone may say of a stack, whoever has written before.
    func put<Content: Codable & Sendable>(
        _ content: Content, _ kind: Kind, _ key: String, replacing version: Int64?
    ) async throws(Diagnostics) -> Int64? {
        let text = Self.encode(content)
        var version = version
        for _ in 0..<5 {
            let known = version
            let written = try await asking { () throws(StateBackendError) in
                try await store.write(text, of: kind.rawValue, key: key, replacing: known)
            }
            if let written { return written }
            version = try await asking { () throws(StateBackendError) in
                try await store.record(of: kind.rawValue, key: key)?.version
            }
        }
        return nil
    }

    /// Changes a record that others write too.
    func change<Content: Codable & Sendable & Equatable>(
        _ kind: Kind, _ key: String, from empty: Content, _ body: @Sendable (inout Content) -> Void
    ) async throws(Diagnostics) -> Content {
        for _ in 0..<20 {
            let record = try await asking { () throws(StateBackendError) in
                try await store.record(of: kind.rawValue, key: key)
            }
            let before: Content = record.flatMap { Self.decode($0.text) } ?? empty
            var after = before
            body(&after)
            if after == before { return after }
            let text = Self.encode(after)
            let written = try await asking { () throws(StateBackendError) in
                try await store.write(text, of: kind.rawValue, key: key, replacing: record?.version)
            }
            if written != nil { return after }
        }
        throw Diagnostics(
            .error(
                "Record is changed all the time",
                "What is asked of \"\(key)\" is being changed by others all the time. Try again."))
    }

    /// A record that is not there is no error.
    func remove(_ kind: Kind, _ key: String) async throws(Diagnostics) {
        try await asking { () throws(StateBackendError) in try await store.remove(of: kind.rawValue, key: key) }
    }

    func append(_ entries: [ControllerLogEntry]) async throws(Diagnostics) {
        try await asking { () throws(StateBackendError) in try await store.append(entries) }
    }

    private func asking<Success: Sendable>(
        _ body: () async throws(StateBackendError) -> Success
    ) async throws(Diagnostics) -> Success {
        do throws(StateBackendError) {
            return try await body()
        } catch {
            throw Diagnostics(
                Diagnostic.error("Controller's records are not available", error.message).passing(if: error.isPassing))
        }
    }

    static func encode(_ content: some Encodable) -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        guard let data = try? encoder.encode(content) else {
            preconditionFailure("A record of texts, numbers and flags can be written as JSON.")
        }
        return String(decoding: data, as: UTF8.self)
    }

    static func decode<Content: Codable>(_ text: String) -> Content? {
        try? JSONDecoder().decode(Content.self, from: Data(text.utf8))
    }
}
