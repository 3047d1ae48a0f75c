/// A storage pool as a client wants it.
struct PoolSpec: Sendable, Decodable {
    let name: String
    let target: String
    let type: String?
    let autostart: Bool?
    let running: Bool?
}

/// A storage pool as it is.
struct Pool: Resource {
    struct Status: Sendable, Encodable {
        let state: String
        let capacity: UInt64
        let allocation: UInt64
        let available: UInt64
    }

    struct Version: Sendable, Encodable {
        let uuid: String
        let name: String
        let type: String
        let target: String?
        let autostart: Bool
        let running: Bool
    }

    let version: Version
    let status: Status

    private enum Key: String, CodingKey { case status }

    func encode(to encoder: any Encoder) throws {
        try version.encode(to: encoder)
        var container = encoder.container(keyedBy: Key.self)
        try container.encode(status, forKey: .status)
    }
}
