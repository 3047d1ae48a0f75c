/// An IPv4 network with the host's own address in it.
struct IPv4Network {
    let host: UInt32
    let prefix: Int

    /// `192.168.50.0/24`, or with the host's address in it.
    init?(_ text: String) {
        let parts = text.split(separator: "/")
        guard parts.count == 2, let address = IPv4Network.number(String(parts[0])), let prefix = Int(parts[1]),
            (1...30).contains(prefix)
        else { return nil }
        self.prefix = prefix
        let mask = IPv4Network.mask(prefix)
        host = address & ~mask == 0 ? address + 1 : address
        if address & ~mask == ~mask { return nil }
    }

    var hostText: String { IPv4Network.text(host) }

    /// With the network's own address, as the contract has it.
    var text: String { "\(IPv4Network.text(host & IPv4Network.mask(prefix)))/\(prefix)" }

    func contains(_ address: UInt32) -> Bool {
        (address ^ host) & IPv4Network.mask(prefix) == 0
    }

    private static func mask(_ prefix: Int) -> UInt32 { prefix == 0 ? 0 : ~UInt32(0) << (32 - UInt32(prefix)) }

    static func number(_ text: String) -> UInt32? {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false).map { UInt8($0) }
        guard parts.count == 4 else { return nil }
        var number: UInt32 = 0
        for part in parts {
            guard let part else { return nil }
            number = number << 8 | UInt32(part)
        }
        return number
    }

    static func text(_ number: UInt32) -> String {
        [24, 16, 8, 0].map { String(number >> UInt32($0) & 255) }.joined(separator: ".")
    }

    /// How many bits a netmask such as 255.255.255.0 sets.
    static func prefix(netmask: String) -> Int? { number(netmask).map { $0.nonzeroBitCount } }
}
