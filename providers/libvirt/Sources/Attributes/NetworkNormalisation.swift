import PlumbModel

/// Which differences in writing a network's attributes are none.
enum NetworkNormalisation {
    /// A network with its first address for the host is written with either.
    static let cidr = Normalisation("network") { value in
        guard let text = value.asString, let slash = text.firstIndex(of: "/"),
            let prefix = Int(text[text.index(after: slash)...]), (1...30).contains(prefix)
        else { return value }
        let bytes = text[..<slash].split(separator: ".").compactMap { UInt32($0) }
        guard bytes.count == 4, bytes.allSatisfy({ $0 < 256 }) else { return value }
        let address = bytes.reduce(0) { $0 << 8 | $1 }
        let network = address & ~(UInt32.max >> UInt32(prefix))
        guard address == network || address == network + 1 else { return value }
        let parts = [24, 16, 8, 0].map { String(network >> UInt32($0) & 255) }
        return .string("\(parts.joined(separator: "."))/\(prefix)")
    }

    /// Hosts come in any order, MACs in any case.
    static let dhcp = Normalisation("DHCP settings") { value in
        guard let map = value.asMap else { return value }
        var canonical = map.filter { !$0.value.orNull.isNull }
        if let hosts = canonical["hosts"]?.asList {
            canonical["hosts"] = .list(
                hosts.map { host in
                    let mac = host.text("mac").map { Value.string($0.lowercased()) } ?? host[key: "mac"] ?? .null
                    return trimmed(host.setting("mac", mac))
                }.sorted { $0.json < $1.json })
        }
        return .object(canonical)
    }

    /// Without anything said, names are resolved.
    static let dns = Normalisation("DNS settings") { value in
        guard let map = value.asMap else { return value }
        var canonical = map.filter { !$0.value.orNull.isNull }
        if canonical["enabled"]?.asBool == true { canonical["enabled"] = nil }
        if let hosts = canonical["hosts"]?.asList { canonical["hosts"] = .list(hosts.sorted { $0.json < $1.json }) }
        return canonical.isEmpty ? .null : .object(canonical)
    }

    /// What takes effect only with the network's next start.
    static func fixedParts(_ values: Value) -> [String: Value] {
        let dhcp = Self.dhcp.canonical(values[key: "dhcp"] ?? .null)
        let dns = Self.dns.canonical(values[key: "dns"] ?? .null)
        return [
            "dhcp": [
                "start": dhcp[key: "start"] ?? .null, "end": dhcp[key: "end"] ?? .null, "on": .bool(!dhcp.isNull),
            ],
            "dns": [
                "enabled": dns[key: "enabled"] ?? true, "domain": dns[key: "domain"] ?? .null,
                "forwarders": dns[key: "forwarders"] ?? .null,
            ],
        ]
    }

    /// Without what is null or empty.
    static func trimmed(_ value: Value) -> Value {
        guard let map = value.asMap else { return value }
        return .object(map.filter { !$0.value.orNull.isNull })
    }

    /// With all attributes of the type, as specs are read.
    static func filled(_ value: Value, _ type: ValueType) -> Value {
        switch (type, value.kind) {
        case (.object(let attributes), .map(let map, _)):
            .object(ValueMap(attributes.map { ($0.name, filled(map[$0.name] ?? .null, $0.type)) }))
        case (.list(let element), .list(let elements, _)): .list(elements.map { filled($0, element) })
        default: value
        }
    }
}
