import Crypto

/// Something of libvirt's that has a version, which follows from its attributes.
protocol Resource: Encodable, Sendable {
    /// What changes by itself, all the time, is no part of the version.
    associatedtype Version: Encodable
    var version: Version { get }
}

extension Resource {
    /// The same attributes have the same tag, whichever gateway reads them.
    func etag() throws(Problem) -> String {
        let digest = SHA256.hash(data: try JSONText.encode(version))
        return digest.prefix(12).map { byte in
            let text = String(byte, radix: 16)
            return text.count == 1 ? "0" + text : text
        }.joined()
    }
}

/// A resource with its version, as it is sent.
struct Tagged<Body: Encodable>: Encodable {
    let resource: Body
    let etag: String

    private enum Key: String, CodingKey { case etag }

    func encode(to encoder: any Encoder) throws {
        try resource.encode(to: encoder)
        var container = encoder.container(keyedBy: Key.self)
        try container.encode(etag, forKey: .etag)
    }
}
