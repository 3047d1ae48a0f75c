import CLibvirt
import HTTPTypes

extension Gateway {
    /// How long a guest may take to take memory back.
    private static let memoryTime = Duration.seconds(10)

    var domainHandlers: [String: Responder.Handler] {
        [
            "listDomains": { (call) throws(Problem) in
                let name = call.query("name")
                return try .list(
                    try await link.run { (connection) throws(Problem) in try domains.domains(connection, named: name) })
            },
            "showDomain": { (call) throws(Problem) in try .resource(try await domain(call.parameter("uuid")), for: call)
            },
            "putDomain": { (call) throws(Problem) in try await putDomain(call) },
            "deleteDomain": { (call) throws(Problem) in try await deleteDomain(call) },
            "foreseeChanges": { (call) throws(Problem) in
                let spec = try call.decode(DomainSpec.self)
                let uuid = call.parameter("uuid")
                let changes = try await link.run { (connection) throws(Problem) in
                    let current = try domains.read(try connection.domain(uuid), DomainXMLReader(connection))
                    // Who names no type keeps the one that it has.
                    let wanted = spec.version(uuid, type: current.version.type)
                    try DomainSpecCheck.check(wanted)
                    return DomainForesight(current: current, wanted: wanted).changes
                }
                return try .json(["changes": changes])
            },
            "showDomainXML": { (call) throws(Problem) in
                let uuid = call.parameter("uuid")
                let text = try await link.run { (connection) throws(Problem) in
                    try DomainKeeper.text(try connection.domain(uuid))
                }
                return .bytes(Array(text.utf8), "application/xml")
            },
            "putDomainXML": { (call) throws(Problem) in try await putDomainXML(call) },
        ]
    }

    func domain(_ uuid: String) async throws(Problem) -> Domain {
        try await link.run { (connection) throws(Problem) in
            try domains.read(try connection.domain(uuid), DomainXMLReader(connection))
        }
    }

    // MARK: Making and changing

    private func putDomain(_ call: Call) async throws(Problem) -> Answer {
        let spec = try call.decode(DomainSpec.self)
        let uuid = call.parameter("uuid")
        let patience = call.integer("shutdown_timeout") ?? 0
        return try await alone(uuid) { () throws(Problem) in
            let (domain, isNew, turnsOff) = try await link.run { (connection) throws(Problem) in
                try settle(connection, call, uuid, spec)
            }
            guard turnsOff else { return try .written(try await withMemory(domain), isNew: isNew) }
            let shutdown = DomainShutdown(link: link, uuid: uuid)
            guard patience == 0 else {
                let entry = try await tasks.start("shutdown", on: "/v1/domains/\(uuid)") { () throws(Problem) in
                    try await shutdown.run(within: .seconds(patience), force: true)
                }
                return try accepted(entry)
            }
            try await shutdown.run(within: .zero, force: true)
            return try .written(try await self.domain(uuid), isNew: false)
        }
    }

    /// The guest takes memory back in its own time; what it does not take, because it hangs or is paused, waits for it.
    private func withMemory(_ settled: Domain) async throws(Problem) -> Domain {
        var domain = settled
        let end = ContinuousClock.now + Gateway.memoryTime
        while domain.status.lacksMemory {
            if domain.status.state != "running" || ContinuousClock.now > end { domains.untakenMemory.note(domain) }
            guard (try? await Task.sleep(for: .milliseconds(100))) != nil else { return domain }
            domain = try await self.domain(domain.version.uuid)
        }
        return domain
    }

    /// All but turning off, which may take long.
    private func settle(
        _ connection: Connection, _ call: Call, _ uuid: String, _ spec: DomainSpec
    ) throws(Problem) -> (Domain, isNew: Bool, turnsOff: Bool) {
        let reader = DomainXMLReader(connection)
        guard let handle = try Connection.optional({ () throws(Problem) in try connection.domain(uuid) }) else {
            try call.checkPreconditions(nil)
            var type = spec.type
            if type == nil { type = try host.probe.preferred(connection) }
            let wanted = spec.version(uuid, type: type ?? "qemu")
            try DomainSpecCheck.check(wanted)
            return (try domains.create(connection, wanted), true, false)
        }
        let domain = try domains.read(handle, reader)
        try call.checkPreconditions(try domain.etag())
        let wanted = spec.version(uuid, type: domain.version.type)
        try DomainSpecCheck.check(wanted)
        try DomainChanger(connection: connection, keeper: domains, handle: handle, domain: domain).change(to: wanted)
        if wanted.running, !domain.version.running { try domains.start(handle, wanted.name) }
        return (try domains.read(handle, reader), false, !wanted.running && domain.version.running)
    }

    // MARK: Removing

    private func deleteDomain(_ call: Call) async throws(Problem) -> Answer {
        let uuid = call.parameter("uuid")
        let patience = call.integer("shutdown_timeout") ?? 0
        return try await alone(uuid) { () throws(Problem) in
            let domain = try await domain(uuid)
            try call.checkPreconditions(try domain.etag())
            guard patience > 0, domain.version.running else {
                try await removeDomain(uuid)
                return .nothing
            }
            let shutdown = DomainShutdown(link: link, uuid: uuid)
            let entry = try await tasks.start("delete", on: "/v1/domains/\(uuid)") { () throws(Problem) in
                try await shutdown.run(within: .seconds(patience), force: true)
                try await alone(uuid) { () throws(Problem) in try await removeDomain(uuid) }
            }
            return try accepted(entry)
        }
    }

    private func removeDomain(_ uuid: String) async throws(Problem) {
        try await link.run { (connection) throws(Problem) in
            guard let handle = try Connection.optional({ () throws(Problem) in try connection.domain(uuid) }) else {
                return
            }
            try domains.delete(handle, uuid)
        }
    }

    // MARK: libvirt's own words

    private func putDomainXML(_ call: Call) async throws(Problem) -> Answer {
        guard settings.allowsXML else {
            throw Problem(
                .forbidden, "The gateway does not allow that",
                detail:
                    "XML can give a guest any file and device of the host. Whoever wants that starts the gateway with --allow-xml."
            )
        }
        let uuid = call.parameter("uuid")
        let text = String(decoding: call.body, as: UTF8.self)
        let xml = try XMLTreeReader.read(text)
        guard xml.name == "domain", xml.first("uuid")?.text == uuid else {
            throw Problem.unprocessable("/domain/uuid", "The XML has to hold the UUID of the path, \(uuid).")
        }
        return try await alone(uuid) { () throws(Problem) in
            try await link.run { (connection) throws(Problem) in
                let reader = DomainXMLReader(connection)
                let old = try Connection.optional { () throws(Problem) in try connection.domain(uuid) }
                try call.checkPreconditions(
                    try old.map { (handle) throws(Problem) in try domains.read(handle, reader).etag() })
                guard let pointer = virDomainDefineXMLFlags(connection.pointer, text, 0) else {
                    throw Problem.libvirt(doing: "defining the domain \(uuid)")
                }
                let handle = Handle(pointer, release: virDomainFree)
                return try .written(try domains.read(handle, reader), isNew: old == nil)
            }
        }
    }
}
