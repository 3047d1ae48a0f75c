/// A network as a client wants it.
struct NetworkSpec: Sendable, Decodable {
    let name: String
    let mode: String?
    let bridge: String?
    let cidr: String?
    let dhcp: NetworkDHCP?
    let dns: NetworkDNS?
    let autostart: Bool?
    let running: Bool?
}

/// The addresses that a network gives to guests.
struct NetworkDHCP: Sendable, Codable, Hashable {
    struct Host: Sendable, Codable, Hashable {
        let mac: String?
        let ip: String?
        let name: String?
    }

    let start: String?
    let end: String?
    let hosts: [Host]?
}

/// The names that a network resolves for guests.
struct NetworkDNS: Sendable, Codable, Hashable {
    struct Host: Sendable, Codable, Hashable {
        let ip: String
        let names: [String]
    }

    let enabled: Bool?
    let domain: String?
    let forwarders: [String]?
    let hosts: [Host]?
}

/// A network as it is defined.
struct Network: Resource {
    struct Version: Sendable, Encodable, Hashable {
        var uuid: String
        var name: String
        var mode: String
        var bridge: String?
        var cidr: String?
        var dhcp: NetworkDHCP?
        var dns: NetworkDNS
        var autostart = false
        var running = false
    }

    struct Status: Sendable, Encodable {
        /// Attributes that are defined otherwise than they run.
        let pending: [String]
        let bridge: String?
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

/// An address that a network's DHCP server has given.
struct Lease: Sendable, Encodable {
    let mac: String
    let ip: String
    let hostname: String?
    let expires: Int64?
}
