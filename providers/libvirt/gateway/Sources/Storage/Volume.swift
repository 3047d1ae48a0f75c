/// A volume as a request names it.
struct VolumeReference: Sendable, Codable, Hashable {
    let pool: String
    let volume: String
}

/// A volume that something uses: by its pool and name where they are known, by its path otherwise.
struct ForeignVolume: Sendable, Codable, Hashable {
    var pool: String?
    var volume: String?
    var path: String?

    var reference: VolumeReference? {
        guard let pool, let volume else { return nil }
        return VolumeReference(pool: pool, volume: volume)
    }
}

/// A volume as a client wants it.
struct VolumeSpec: Sendable, Decodable {
    let capacity: UInt64?
    let format: String?
    let backing: VolumeReference?
}

/// A volume as it is.
struct Volume: Resource {
    struct Version: Sendable, Encodable {
        let pool: String
        let name: String
        let path: String
        let capacity: UInt64
        let format: String
        let backing: ForeignVolume?
    }

    let version: Version
    let allocation: UInt64

    private enum Key: String, CodingKey { case status }

    func encode(to encoder: any Encoder) throws {
        try version.encode(to: encoder)
        var container = encoder.container(keyedBy: Key.self)
        try container.encode(["allocation": allocation], forKey: .status)
    }
}
