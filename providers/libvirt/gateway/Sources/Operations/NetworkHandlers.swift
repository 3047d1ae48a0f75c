extension Gateway {
    var networkHandlers: [String: Responder.Handler] {
        [
            "listNetworks": { (call) throws(Problem) in
                let name = call.query("name")
                return try .list(
                    try await link.run { (connection) throws(Problem) in try networks.networks(connection, named: name)
                    })
            },
            "showNetwork": { (call) throws(Problem) in
                let uuid = call.parameter("uuid")
                let network = try await link.run { (connection) throws(Problem) in
                    try networks.read(try connection.network(uuid))
                }
                return try .resource(network, for: call)
            },
            "putNetwork": { (call) throws(Problem) in try await putNetwork(call) },
            "deleteNetwork": { (call) throws(Problem) in
                let uuid = call.parameter("uuid")
                return try await alone(uuid) { () throws(Problem) in
                    try await link.run { (connection) throws(Problem) in
                        let handle = try connection.network(uuid)
                        try call.checkPreconditions(try networks.read(handle).etag())
                        try networks.delete(handle)
                        return .nothing
                    }
                }
            },
            "listLeases": { (call) throws(Problem) in
                let uuid = call.parameter("uuid")
                let leases = try await link.run { (connection) throws(Problem) in
                    try networks.leases(try connection.network(uuid))
                }
                return try .json(["items": leases])
            },
        ]
    }

    private func putNetwork(_ call: Call) async throws(Problem) -> Answer {
        let spec = try call.decode(NetworkSpec.self)
        let uuid = call.parameter("uuid")
        return try await alone(uuid) { () throws(Problem) in
            try await link.run { (connection) throws(Problem) in
                guard let handle = try Connection.optional({ () throws(Problem) in try connection.network(uuid) })
                else {
                    try call.checkPreconditions(nil)
                    return try .written(try networks.create(connection, uuid, spec), isNew: true)
                }
                let network = try networks.read(handle)
                try call.checkPreconditions(try network.etag())
                return try .written(try networks.update(connection, handle, network, spec), isNew: false)
            }
        }
    }
}
