import Crypto

/// What cloud-init is to find on its disk.
struct CloudInitSpec: Sendable, Decodable {
    let userData: String
    let metaData: String?
    let networkConfig: String?

    private enum CodingKeys: String, CodingKey {
        case userData = "user_data"
        case metaData = "meta_data"
        case networkConfig = "network_config"
    }

    /// The files by their names.
    var files: [(name: String, text: String)] {
        let instance = Authenticator.hexadecimal(
            SHA256.hash(data: Array((userData + "\0" + (networkConfig ?? "")).utf8)).prefix(10))
        var files = [("user-data", userData), ("meta-data", metaData ?? "instance-id: i-\(instance)\n")]
        if let networkConfig { files.append(("network-config", networkConfig)) }
        return files
    }
}

/// An image for cloud-init as it is.
struct CloudInit: Resource {
    struct Version: Sendable, Encodable {
        let pool: String
        let name: String
        let path: String
        let capacity: UInt64
        let sha256: String
    }

    let version: Version

    func encode(to encoder: any Encoder) throws { try version.encode(to: encoder) }
}

/// Keeps images for cloud-init as volumes: the same content is the same bytes.
struct CloudInitKeeper: Sendable {
    /// More than the largest that a request can ask for.
    private static let largestImage = 4 << 20

    let link: LibvirtLink
    let volumes: VolumeKeeper
    let transfer: VolumeTransfer

    func bytes(_ spec: CloudInitSpec) async throws(Problem) -> [UInt8] {
        try await link.run { (_) throws(Problem) in try ISOImage.bytes(label: "cidata", files: spec.files) }
    }

    /// Nil where there is no volume of this name.
    ///
    /// - Parameter wanted: what is to be there. When it is there by half, because libvirt or the gateway was killed, that is removed.
    func image(_ reference: VolumeReference, _ wanted: [UInt8] = []) async throws(Problem) -> CloudInit? {
        let volume: Volume
        do {
            volume = try await link.run { [volumes] (connection) throws(Problem) in
                // Without its pool there is no place for it either, and that is said.
                _ = try connection.pool(reference.pool)
                return try volumes.volume(connection, reference)
            }
        } catch {
            if error.libvirt.map({ $0.code == Problem.noVolume }) ?? error.isMissing { return nil }
            throw error
        }
        let bytes = try await transfer.bytes(reference, atMost: CloudInitKeeper.largestImage)
        guard ISOImage.isImage(bytes), !ISOImage.isUnfinished(bytes) else {
            if ISOImage.isBeginning(bytes, of: wanted) {
                try await link.run { [volumes] (connection) throws(Problem) in
                    try volumes.delete(connection, reference, volume)
                }
                return nil
            }
            throw Problem.conflict("The volume \(reference.volume) is no image for cloud-init. Choose another name.")
        }
        return CloudInit(
            version: CloudInit.Version(
                pool: reference.pool, name: volume.version.name, path: volume.version.path,
                capacity: volume.version.capacity, sha256: Authenticator.hexadecimal(SHA256.hash(data: bytes))))
    }

    /// Writes the image unless it is there already.
    func put(_ reference: VolumeReference, _ bytes: [UInt8], over old: CloudInit?) async throws(Problem) -> CloudInit {
        let digest = Authenticator.hexadecimal(SHA256.hash(data: bytes))
        if let old, old.version.sha256 == digest { return old }
        try await link.run { [volumes] (connection) throws(Problem) in
            if old != nil { try volumes.delete(connection, reference, try volumes.volume(connection, reference)) }
            let spec = VolumeSpec(capacity: UInt64(bytes.count), format: "raw", backing: nil)
            _ = try volumes.create(connection, reference, spec)
        }
        try await transfer.write(bytes, to: reference)
        guard let image = try await image(reference) else {
            throw Problem.missing("The image \(reference.volume) was removed while it was written.")
        }
        return image
    }
}
