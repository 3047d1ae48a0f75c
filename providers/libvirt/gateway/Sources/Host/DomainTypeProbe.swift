import CLibvirt
import Foundation
import Logging
import Synchronization

/// Finds out which domain types run guests here. A host can offer KVM on which guests hang, so one is started to see.
final class DomainTypeProbe: Sendable {
    struct Finding: Sendable, Encodable, Hashable {
        let type: String
        let works: Bool
        let reason: String?
    }

    /// How long firmware may take for its first words.
    private static let patience = 5.0

    private let findings = Mutex<[Finding]?>(nil)
    private let consoles: String
    private let logger: Logger

    init(consoles: String, logger: Logger) {
        self.consoles = consoles
        self.logger = logger
    }

    /// The type for domains that name none.
    func preferred(_ connection: Connection) throws(Problem) -> String {
        let found = try self.found(connection)
        return found.contains { $0.type == "kvm" && $0.works } ? "kvm" : "qemu"
    }

    /// Looks once; whoever asks in the meantime waits.
    func found(_ connection: Connection) throws(Problem) -> [Finding] {
        let result: Result<[Finding], Problem> = findings.withLock { findings in
            if let findings { return .success(findings) }
            do throws(Problem) {
                let found = try probe(connection)
                for finding in found {
                    logger.info(
                        "domain type probed",
                        metadata: ["type": "\(finding.type)", "works": "\(finding.works)", "reason": "\(finding.reason ?? "")"])
                }
                findings = found
                return .success(found)
            } catch {
                return .failure(error)
            }
        }
        return try result.get()
    }

    private func probe(_ connection: Connection) throws(Problem) -> [Finding] {
        let text = try Connection.text(virConnectGetCapabilities(connection.pointer), "asking for libvirt's capabilities")
        let guests = try XMLTreeReader.read(text).all("guest")
        let types = Set(guests.flatMap { $0.all("arch").flatMap { $0.all("domain") } }.compactMap { $0["type"] })
        return types.sorted().map { type in
            guard type == "kvm" else { return Finding(type: type, works: true, reason: nil) }
            let reason = tryOut(connection, type)
            return Finding(type: type, works: reason == nil, reason: reason)
        }
    }

    /// Nil where a guest's firmware has written something.
    private func tryOut(_ connection: Connection, _ type: String) -> String? {
        let uuid = UUID().uuidString.lowercased()
        let log = "\(consoles)/probe-\(uuid).log"
        defer { unlink(log) }
        let xml = XMLTree(
            "domain", ["type": type],
            [
                XMLTree("name", text: "plumb-probe-\(uuid.prefix(8))"), XMLTree("uuid", text: uuid),
                XMLTree("memory", ["unit": "MiB"], text: "64"), XMLTree("vcpu", text: "1"),
                XMLTree(
                    "os", [XMLTree("type", ["arch": "x86_64", "machine": "pc"], text: "hvm"), XMLTree("bios", ["useserial": "yes"])]),
                XMLTree(
                    "devices",
                    [XMLTree("serial", ["type": "file"], [XMLTree("source", ["path": log]), XMLTree("target", ["port": "0"])])]),
            ])
        let flags = UInt32(VIR_DOMAIN_START_AUTODESTROY.rawValue)
        guard let pointer = virDomainCreateXML(connection.pointer, xml.document, flags) else {
            return Problem.libvirt(doing: "starting a guest to see").libvirt?.message ?? "no guest starts"
        }
        let domain = Handle(pointer, release: virDomainFree)
        defer { _ = virDomainDestroy(domain.pointer) }
        let end = Date.now + DomainTypeProbe.patience
        while Date.now < end {
            let size = try? FileManager.default.attributesOfItem(atPath: log)[.size] as? Int
            if size ?? 0 > 0 { return nil }
            Thread.sleep(forTimeInterval: 0.1)
        }
        return "a guest was started, and its firmware did nothing for \(Int(DomainTypeProbe.patience)) seconds"
    }
}
