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

    /// QEMU's emulator needs less than a second.
    private static let patience = 5.0
    private static let word = Array("PLUMB".utf8)

    /// The first bytes of the boot sector that `probe/boot-sector.s` makes. Firmware alone proves nothing: there are hosts
    /// where it runs, and where the first kernel that enters long mode hangs.
    private static let bootSector = [
        "fa31c08ed88ec08ed0bc007cb800108ec06631c031ffb90030fc66f3ab2666c7060000031001002666c70600100320010066b883",
        "000000bf0020b910002666890566050000200083c708e2f166b8a00000000f22e066b8000001000f22d866b9800000c00f32660d",
        "000100000f3066b8010000800f22c00f0116c87cea817c080031c0bf00001000b900001000f348abb9002d3101ffc975fcbeae7c",
        "0000b90500000066baf803aceee2fcf4ebfd504c554d420f1f440000000000000000000000000000009a20000f00b87c00000000",
    ].joined()

    private static var image: Data {
        let digits = Array(bootSector.utf8)
        var bytes = stride(from: 0, to: digits.count, by: 2).map { index in
            UInt8(String(decoding: digits[index...index + 1], as: UTF8.self), radix: 16) ?? 0
        }
        bytes += [UInt8](repeating: 0, count: 510 - bytes.count) + [0x55, 0xAA]
        return Data(bytes)
    }

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
                        metadata: [
                            "type": "\(finding.type)", "works": "\(finding.works)", "reason": "\(finding.reason ?? "")",
                        ])
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
        let text = try Connection.text(
            virConnectGetCapabilities(connection.pointer), "asking for libvirt's capabilities")
        let guests = try XMLTreeReader.read(text).all("guest")
        let types = Set(guests.flatMap { $0.all("arch").flatMap { $0.all("domain") } }.compactMap { $0["type"] })
        return types.sorted().map { type in
            guard type == "kvm" else { return Finding(type: type, works: true, reason: nil) }
            let reason = tryOut(connection, type)
            return Finding(type: type, works: reason == nil, reason: reason)
        }
    }

    /// Nil where a guest has said its word.
    private func tryOut(_ connection: Connection, _ type: String) -> String? {
        let uuid = UUID().uuidString.lowercased()
        let log = "\(consoles)/probe-\(uuid).log"
        let disk = "\(consoles)/probe-\(uuid).img"
        defer {
            unlink(log)
            unlink(disk)
        }
        do {
            try DomainTypeProbe.image.write(to: URL(fileURLWithPath: disk))
        } catch {
            return "\(disk) could not be written: \(error)"
        }
        let xml = XMLTree(
            "domain", ["type": type],
            [
                XMLTree("name", text: "plumb-probe-\(uuid.prefix(8))"), XMLTree("uuid", text: uuid),
                XMLTree("memory", ["unit": "MiB"], text: "64"), XMLTree("vcpu", text: "1"),
                XMLTree(
                    "os",
                    [
                        XMLTree("type", ["arch": "x86_64", "machine": "pc"], text: "hvm"),
                        XMLTree("boot", ["dev": "hd"]),
                    ]),
                XMLTree(
                    "devices",
                    [
                        XMLTree(
                            "disk", ["type": "file", "device": "disk"],
                            [
                                XMLTree("driver", ["name": "qemu", "type": "raw"]), XMLTree("source", ["file": disk]),
                                XMLTree("target", ["dev": "hda", "bus": "ide"]),
                            ]),
                        XMLTree(
                            "serial", ["type": "file"],
                            [XMLTree("source", ["path": log]), XMLTree("target", ["port": "0"])]),
                    ]),
            ])
        let flags = UInt32(VIR_DOMAIN_START_AUTODESTROY.rawValue)
        guard let pointer = virDomainCreateXML(connection.pointer, xml.document, flags) else {
            return Problem.libvirt(doing: "starting a guest to see").libvirt?.message ?? "no guest starts"
        }
        let domain = Handle(pointer, release: virDomainFree)
        defer { _ = virDomainDestroy(domain.pointer) }
        let end = Date.now + DomainTypeProbe.patience
        while Date.now < end {
            if let said = FileManager.default.contents(atPath: log), said.starts(with: DomainTypeProbe.word) {
                return nil
            }
            Thread.sleep(forTimeInterval: 0.1)
        }
        return "a guest was started, and it did not come up within \(Int(DomainTypeProbe.patience)) seconds"
    }
}
