import Foundation

/// Something that has happened on the host, as listeners are told of it.
struct Event: Sendable, Encodable {
    enum Kind: String, Sendable, Encodable, CaseIterable {
        case domain, device, network, pool, volume, gateway
    }

    var type: Kind
    var action: String
    var uuid: String?
    var name: String?
    /// The pool of a volume.
    var pool: String?
    var detail: String?
    var time = Timestamp.now()
}

/// Instants as RFC 3339 has them, in UTC.
enum Timestamp {
    static func now() -> String { Date.now.formatted(.iso8601) }
}
