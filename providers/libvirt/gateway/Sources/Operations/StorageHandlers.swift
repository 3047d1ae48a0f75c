import HTTPTypes

extension Gateway {
    var poolHandlers: [String: Responder.Handler] {
        [
            "listPools": { (call) throws(Problem) in
                let name = call.query("name")
                return try .list(
                    try await link.run { (connection) throws(Problem) in try pools.pools(connection, named: name) })
            },
            "showPool": { (call) throws(Problem) in
                let uuid = call.parameter("uuid")
                let pool = try await link.run { (connection) throws(Problem) in
                    try pools.read(try connection.pool(uuid))
                }
                return try .resource(pool, for: call)
            },
            "putPool": { (call) throws(Problem) in try await putPool(call) },
            "deletePool": { (call) throws(Problem) in
                let uuid = call.parameter("uuid")
                let contents = PoolKeeper.Contents(rawValue: call.query("contents") ?? "refuse") ?? .refuse
                return try await alone(uuid) { () throws(Problem) in
                    try await link.run { (connection) throws(Problem) in
                        let handle = try connection.pool(uuid)
                        try call.checkPreconditions(try pools.read(handle).etag())
                        try pools.delete(connection, handle, contents)
                        return .nothing
                    }
                }
            },
            "refreshPool": { (call) throws(Problem) in
                let uuid = call.parameter("uuid")
                let pool = try await link.run { (connection) throws(Problem) in
                    let handle = try connection.pool(uuid)
                    guard try PoolKeeper.refresh(handle) else { throw PoolKeeper.busy(uuid) }
                    return try pools.read(handle)
                }
                return try .written(pool, isNew: false)
            },
        ]
    }

    private func putPool(_ call: Call) async throws(Problem) -> Answer {
        let spec = try call.decode(PoolSpec.self)
        let uuid = call.parameter("uuid")
        return try await alone(uuid) { () throws(Problem) in
            try await link.run { (connection) throws(Problem) in
                guard let handle = try Connection.optional({ () throws(Problem) in try connection.pool(uuid) }) else {
                    try call.checkPreconditions(nil)
                    return try .written(try pools.create(connection, uuid, spec), isNew: true)
                }
                let pool = try pools.read(handle)
                try call.checkPreconditions(try pool.etag())
                return try .written(try pools.update(handle, pool, spec), isNew: false)
            }
        }
    }

    // MARK: Volumes

    private func reference(_ call: Call) -> VolumeReference {
        VolumeReference(pool: call.parameter("pool"), volume: call.parameter("name"))
    }

    /// Volumes of a pool change one after the other: libvirt refuses to look into a pool that is being changed.
    private func key(_ reference: VolumeReference) -> String { reference.pool }

    var volumeHandlers: [String: Responder.Handler] {
        [
            "listVolumes": { (call) throws(Problem) in
                let (pool, name) = (call.query("pool"), call.query("name"))
                return try .list(
                    try await link.run { (connection) throws(Problem) in
                        try volumes.volumes(connection, pool: pool, named: name)
                    })
            },
            "showVolume": { (call) throws(Problem) in
                let reference = reference(call)
                let volume = try await link.run { (connection) throws(Problem) in
                    try volumes.volume(connection, reference)
                }
                return try .resource(volume, for: call)
            },
            "putVolume": { (call) throws(Problem) in try await putVolume(call) },
            "deleteVolume": { (call) throws(Problem) in try await deleteVolume(call) },
            "downloadVolume": { (call) throws(Problem) in try await transfer.download(reference(call)) },
            "uploadVolume": { (call) throws(Problem) in try await uploadVolume(call) },
        ]
    }

    private func putVolume(_ call: Call) async throws(Problem) -> Answer {
        let spec = try call.decode(VolumeSpec.self)
        let reference = reference(call)
        return try await alone(key(reference)) { () throws(Problem) in
            try await link.run { (connection) throws(Problem) in
                // Without its pool there is no place for it.
                _ = try connection.pool(reference.pool)
                let volume: Volume
                do throws(Problem) {
                    volume = try volumes.volume(connection, reference)
                } catch {
                    guard error.isMissing else { throw error }
                    try call.checkPreconditions(nil)
                    return try .written(try volumes.create(connection, reference, spec), isNew: true)
                }
                try call.checkPreconditions(try volume.etag())
                return try .written(try volumes.update(connection, reference, volume, spec), isNew: false)
            }
        }
    }

    private func deleteVolume(_ call: Call) async throws(Problem) -> Answer {
        let reference = reference(call)
        return try await alone(key(reference)) { () throws(Problem) in
            try await link.run { (connection) throws(Problem) in
                let volume = try volumes.volume(connection, reference)
                try call.checkPreconditions(try volume.etag())
                try volumes.delete(connection, reference, volume)
                return .nothing
            }
        }
    }

    private func uploadVolume(_ call: Call) async throws(Problem) -> Answer {
        let reference = reference(call)
        // Not in turn with others of the pool: it takes as long as it takes. Two at the same volume are the client's doing.
        return try await alone(reference.pool + "/" + reference.volume) { () throws(Problem) in
            let room = try await link.run { (connection) throws(Problem) in
                let volume = try volumes.volume(connection, reference)
                try call.checkPreconditions(try volume.etag())
                if let (domain, target) = try DomainDisks.running(on: volume.version.path, reference, connection) {
                    let uuid = domain.uuid
                    throw Problem.conflict("The running domain \(uuid) uses the volume as \(target).")
                }
                return volume.version.format == "raw" ? Int(volume.version.capacity) : nil
            }
            if let room, let length = call.length, length > room {
                throw Problem.conflict("The volume has \(room) bytes, and \(length) were announced. Grow it first.")
            }
            let received = try await transfer.upload(call.stream, length: call.length, room: room, to: reference) {
                () throws(Problem) in
                guard let room, call.length ?? 0 < room else { return }
                // What was there must not follow what comes: a shorter file would end in the old one's bytes.
                try await alone(key(reference)) { () throws(Problem) in
                    try await link.run { (connection) throws(Problem) in try volumes.empty(connection, reference) }
                }
            }
            return try .json(received)
        }
    }

    // MARK: Images for cloud-init

    var cloudInitHandlers: [String: Responder.Handler] {
        [
            "showCloudInit": { (call) throws(Problem) in
                guard let image = try await cloudInit.image(reference(call)) else {
                    throw Problem.missing("There is no image \(call.parameter("name")) in the pool.")
                }
                return try .resource(image, for: call)
            },
            "putCloudInit": { (call) throws(Problem) in
                let spec = try call.decode(CloudInitSpec.self)
                let reference = reference(call)
                let bytes = try await cloudInit.bytes(spec)
                return try await alone(key(reference)) { () throws(Problem) in
                    let old = try await cloudInit.image(reference, bytes)
                    try call.checkPreconditions(try old?.etag())
                    return try .written(try await cloudInit.put(reference, bytes, over: old), isNew: old == nil)
                }
            },
            "deleteCloudInit": { (call) throws(Problem) in
                guard let image = try await cloudInit.image(reference(call)) else {
                    throw Problem.missing("There is no image \(call.parameter("name")) in the pool.")
                }
                try call.checkPreconditions(try image.etag())
                var plain = call
                // It was held against the image's version, which is not the volume's.
                plain.headers[.ifMatch] = nil
                return try await deleteVolume(plain)
            },
        ]
    }
}
