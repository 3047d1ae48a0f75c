import Foundation
import Glibc

/// What a libvirtd that was killed while it started a network has left on the host: its bridge, and the dnsmasq that served it.
/// libvirt neither takes them over nor removes them, and cannot start the network as long as they are there.
struct NetworkRemains {
    private let network: String
    private let bridge: String

    /// Nil where the bridge of the network, which must not run, is not there, or is not the one of the definition: libvirt has
    /// given it an address of its own when the network was defined.
    init?(of definition: XMLTree) {
        guard let network = definition.first("name")?.text, let bridge = definition.first("bridge")?["name"],
            let mac = definition.first("mac")?["address"]?.lowercased(), bridge.utf8.count < Self.nameLength,
            Self.address(of: bridge) == mac
        else { return nil }
        (self.network, self.bridge) = (network, bridge)
    }

    /// What whoever reads the refusal can do where the gateway may not.
    var advice: String {
        "libvirtd was killed while it started the network \(network), and does not take over what it has left. "
            + "Remove it on the host: ip link delete \(bridge); pkill -f dnsmasq/\(network).conf"
    }

    /// False where the gateway may not do that.
    func remove() -> Bool {
        for process in servers() { kill(process, SIGKILL) }
        let socket = Glibc.socket(AF_INET, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard socket >= 0 else { return false }
        defer { close(socket) }
        var request = Self.request(bridge)
        // Only one that is down can be removed.
        guard ioctl(socket, Self.getFlags, &request) == 0 else { return false }
        request[Self.nameLength] &= ~UInt8(1)
        guard ioctl(socket, Self.setFlags, &request) == 0 else { return false }
        return ioctl(socket, Self.removeBridge, &request) == 0
    }

    // MARK: The bridge

    private static let nameLength = 16
    private static let requestLength = 40
    private static let (getFlags, setFlags, getAddress): (UInt, UInt, UInt) = (0x8913, 0x8914, 0x8927)
    private static let removeBridge: UInt = 0x89A1

    /// The name, and room for what the system answers, which stands after it.
    private static func request(_ name: String) -> [UInt8] {
        Array(name.utf8) + [UInt8](repeating: 0, count: requestLength - name.utf8.count)
    }

    private static func address(of name: String) -> String? {
        let socket = Glibc.socket(AF_INET, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard socket >= 0 else { return nil }
        defer { close(socket) }
        var request = Self.request(name)
        guard ioctl(socket, getAddress, &request) == 0 else { return nil }
        // The family comes first.
        return request[nameLength + 2..<nameLength + 8].map { Authenticator.hexadecimal([$0]) }.joined(separator: ":")
    }

    // MARK: dnsmasq

    /// Of this network alone, and not those of another libvirtd in another namespace.
    private func servers() -> [pid_t] {
        guard let namespace = Self.namespace("self") else { return [] }
        let processes = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        return processes.compactMap { pid_t($0) }.filter { process in
            guard let line = FileManager.default.contents(atPath: "/proc/\(process)/cmdline") else { return false }
            let words = line.split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
            return words.first?.hasSuffix("dnsmasq") == true
                && words.contains { $0.hasPrefix("--conf-file=") && $0.hasSuffix("/dnsmasq/\(network).conf") }
                && Self.namespace("\(process)") == namespace
        }
    }

    private static func namespace(_ process: String) -> String? {
        try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/\(process)/ns/net")
    }
}
