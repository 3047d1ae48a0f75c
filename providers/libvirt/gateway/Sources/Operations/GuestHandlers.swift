import CLibvirt

/// What a guest is asked to do.
struct DomainAction: Sendable, Decodable {
    let action: String
    let timeout: Int64?
    let force: Bool?
}

extension Gateway {
    var guestHandlers: [String: Responder.Handler] {
        [
            "actOnDomain": { (call) throws(Problem) in try await act(call) },
            "listAddresses": { (call) throws(Problem) in
                let (uuid, source) = (call.parameter("uuid"), call.query("source"))
                let addresses = try await link.run { (connection) throws(Problem) in
                    let handle = try connection.domain(uuid)
                    let domain = try domains.read(handle, DomainXMLReader(connection))
                    return try DomainAddresses.read(handle, domain.version, source: source)
                }
                return try .json(["items": addresses])
            },
            "readConsole": { (call) throws(Problem) in
                let uuid = call.parameter("uuid")
                let (offset, limit) = (Int(call.integer("offset") ?? 0), Int(call.integer("limit") ?? 65536))
                return try .json(
                    try await link.run { (connection) throws(Problem) in
                        _ = try connection.domain(uuid)
                        return try ConsoleLog.read(domains.consolePath(uuid), offset: offset, limit: limit)
                    })
            },
        ]
    }

    private func act(_ call: Call) async throws(Problem) -> Answer {
        let action = try call.decode(DomainAction.self)
        let uuid = call.parameter("uuid")
        if action.action == "shutdown" {
            _ = try await domain(uuid)
            let shutdown = DomainShutdown(link: link, uuid: uuid)
            let entry = try await tasks.start("shutdown", on: "/v1/domains/\(uuid)") { () throws(Problem) in
                try await shutdown.run(within: .seconds(action.timeout ?? 60), force: action.force ?? false)
            }
            return try accepted(entry)
        }
        let domain = try await alone(uuid) { () throws(Problem) in
            try await link.run { (connection) throws(Problem) in
                let handle = try connection.domain(uuid)
                try Gateway.act(action.action, on: handle)
                return try domains.read(handle, DomainXMLReader(connection))
            }
        }
        return try .written(domain, isNew: false)
    }

    private static func act(_ action: String, on handle: Handle) throws(Problem) {
        let isActive = virDomainIsActive(handle.pointer) == 1
        let result: Int32 =
            switch action {
            // What is so already is no failure: the request may be sent again.
            case "start": isActive ? 0 : virDomainCreate(handle.pointer)
            case "force-off": isActive ? virDomainDestroy(handle.pointer) : 0
            case "reboot": virDomainReboot(handle.pointer, 0)
            case "reset": virDomainReset(handle.pointer, 0)
            case "suspend": virDomainSuspend(handle.pointer)
            case "resume": virDomainResume(handle.pointer)
            default: preconditionFailure("the contract allows an action that nobody carries out")
            }
        try Connection.check(result, "asking a domain to \(action)")
    }
}
