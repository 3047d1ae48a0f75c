public import PlumbModel

/// Dependencies as they stand in a row: addresses, one a line.
public enum DependencyText {
    public static func write(_ addresses: [ResourceAddress]) -> String {
        addresses.isEmpty ? "" : addresses.map(\.description).joined(separator: "\n")
    }

    /// Nil if a line is no address.
    public static func read(_ text: String) -> [ResourceAddress]? {
        guard !text.isEmpty else { return [] }
        var addresses: [ResourceAddress] = []
        var rest = text[...].utf8
        while true {
            let end = rest.firstIndex(of: 0x0A) ?? rest.endIndex
            guard let line = String(rest[..<end]), let address = ResourceAddress(parsing: line) else { return nil }
            addresses.append(address)
            if end == rest.endIndex { break }
            rest = rest[rest.index(after: end)...]
        }
        return addresses
    }
}
