import PlumbModel

/// Functions on IP addresses and the networks they lie in.
enum NetworkFunctions {
    private static let prefix = Function.Parameter("prefix", .string)

    static let all: [Function] = [
        Function("cidrhost", [prefix, Function.Parameter("number", .number)], returns: .string) {
            (arguments) throws(FunctionError) in
            let network = try network(arguments)
            return .string(try network.host(try arguments.int(1)).description)
        },
        Function("cidrnetmask", [prefix], returns: .string) { (arguments) throws(FunctionError) in
            let network = try network(arguments)
            guard network.width == 32 else { throw FunctionError("IPv6 has no netmasks", argument: 0) }
            return .string(IPAddress(bits: network.mask, width: 32).description)
        },
        Function(
            "cidrsubnet", [prefix, Function.Parameter("bits", .number), Function.Parameter("number", .number)],
            returns: .string
        ) { (arguments) throws(FunctionError) in
            let network = try network(arguments)
            return .string(try network.subnet(bits: try arguments.int(1), number: try arguments.int(2)).description)
        },
        Function("cidrsubnets", [prefix], variadic: Function.Parameter("bits", .number), returns: .list(.string)) {
            (arguments) throws(FunctionError) in .list(try subnets(arguments))
        },
    ]

    private static func network(_ arguments: Arguments) throws(FunctionError) -> IPNetwork {
        if let network = IPNetwork(parsing: arguments.string(0)) { return network }
        throw FunctionError(
            "\(arguments[0].json) is no network; it is written address/length, as in 10.0.0.0/8", argument: 0)
    }

    /// One network after the other, each as long as its bits say.
    private static func subnets(_ arguments: Arguments) throws(FunctionError) -> [Value] {
        let network = try network(arguments)
        var results: [Value] = []
        var last: UInt128?
        for index in 1..<max(1, arguments.count) {
            let bits = try arguments.int(index)
            let length = network.length + bits
            guard bits >= 1, bits <= 32, length <= network.width else {
                throw FunctionError(
                    "\(bits) more bits do not fit behind a length of \(network.length)", argument: index)
            }
            let hosts = IPNetwork.hostMask(length, network.width)
            let start: UInt128
            if let last {
                let (next, overflows) = (last | hosts).addingReportingOverflow(1)
                guard !overflows, next & network.mask == network.base, next <= network.all else {
                    throw FunctionError("no address space is left for a network of \(length) bits", argument: index)
                }
                start = next
            } else {
                start = network.base
            }
            last = start | hosts
            results.append(.string("\(IPAddress(bits: start, width: network.width))/\(length)"))
        }
        return results
    }
}

/// A network: its first address, and how many leading bits all its addresses share.
struct IPNetwork: CustomStringConvertible {
    let base: UInt128
    let width: Int
    let length: Int

    init?(parsing text: String) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, let address = IPAddress(parsing: parts[0]), let length = Int(parts[1]), length >= 0,
            length <= address.width, parts[1].utf8.allSatisfy(Lexer.isDigit)
        else { return nil }
        self.init(address.bits, width: address.width, length: length)
    }

    init(_ bits: UInt128, width: Int, length: Int) {
        base = bits & ~IPNetwork.hostMask(length, width)
        self.width = width
        self.length = length
    }

    var description: String { "\(IPAddress(bits: base, width: width))/\(length)" }

    /// All bits that an address of this kind has.
    var all: UInt128 { IPNetwork.hostMask(0, width) }
    var mask: UInt128 { all & ~IPNetwork.hostMask(length, width) }

    static func hostMask(_ length: Int, _ width: Int) -> UInt128 {
        width == length ? 0 : UInt128.max >> UInt128(128 - (width - length))
    }

    func host(_ number: Int) throws(FunctionError) -> IPAddress {
        let hosts = IPNetwork.hostMask(length, width)
        let magnitude = UInt128(number.magnitude)
        guard number >= 0 ? magnitude <= hosts : magnitude - 1 <= hosts else {
            throw FunctionError("\(self) has no host \(number)", argument: 1)
        }
        return IPAddress(bits: number >= 0 ? base + magnitude : base | (hosts - (magnitude - 1)), width: width)
    }

    func subnet(bits: Int, number: Int) throws(FunctionError) -> IPNetwork {
        guard bits >= 0, length + bits <= width else {
            throw FunctionError("\(bits) more bits do not fit behind a length of \(length)", argument: 1)
        }
        guard number >= 0, bits >= 64 || UInt128(number) < UInt128(1) << UInt128(bits) else {
            throw FunctionError("\(bits) bits cannot hold the number \(number)", argument: 2)
        }
        let shift = width - length - bits
        return IPNetwork(
            base | (shift >= 128 ? 0 : UInt128(number) << UInt128(shift)), width: width, length: length + bits)
    }
}

/// An address of IPv4 (32 bits) or IPv6 (128 bits).
struct IPAddress: CustomStringConvertible {
    let bits: UInt128
    let width: Int

    init(bits: UInt128, width: Int) {
        self.bits = bits
        self.width = width
    }

    init?(parsing text: Substring) {
        if text.utf8.contains(UInt8(ascii: ":")) {
            guard let bits = IPAddress.version6(text) else { return nil }
            self.init(bits: bits, width: 128)
        } else {
            guard let bits = IPAddress.version4(text) else { return nil }
            self.init(bits: bits, width: 32)
        }
    }

    private static func version4(_ text: Substring) -> UInt128? {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 4 else { return nil }
        var bits: UInt128 = 0
        for part in parts {
            guard part.utf8.count <= 3, part.utf8.allSatisfy(Lexer.isDigit), let byte = UInt8(part) else { return nil }
            bits = bits << 8 | UInt128(byte)
        }
        return bits
    }

    private static func version6(_ text: Substring) -> UInt128? {
        guard let gap = gap(in: text) else {
            guard let groups = groups(text), groups.count == 8 else { return nil }
            return joined(groups)
        }
        guard let head = groups(text[..<gap.lowerBound]), let tail = groups(text[gap.upperBound...]),
            head.count + tail.count < 8
        else { return nil }
        return joined(head + [UInt16](repeating: 0, count: 8 - head.count - tail.count) + tail)
    }

    /// The place of `::`.
    private static func gap(in text: Substring) -> Range<Substring.Index>? {
        for index in text.indices where text[index] == ":" {
            let next = text.index(after: index)
            if next < text.endIndex, text[next] == ":" { return index..<text.index(after: next) }
        }
        return nil
    }

    private static func joined(_ groups: [UInt16]) -> UInt128 {
        groups.reduce(0) { $0 << 16 | UInt128($1) }
    }

    private static func groups(_ text: Substring) -> [UInt16]? {
        if text.isEmpty { return [] }
        var groups: [UInt16] = []
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        for (index, part) in parts.enumerated() {
            if index == parts.count - 1, part.utf8.contains(UInt8(ascii: ".")) {
                guard let bits = version4(part) else { return nil }
                groups += [UInt16(bits >> 16), UInt16(bits & 0xFFFF)]
            } else {
                guard part.utf8.count <= 4, !part.hasPrefix("+"), let group = UInt16(part, radix: 16) else {
                    return nil
                }
                groups.append(group)
            }
        }
        return groups
    }

    /// As RFC 5952 has it: small letters, and `::` for the longest run of zeros.
    var description: String {
        if width == 32 {
            return [24, 16, 8, 0].map { String(bits >> UInt128($0) & 0xFF) }.joined(separator: ".")
        }
        let groups = (0..<8).map { UInt16(truncatingIfNeeded: bits >> UInt128(112 - 16 * $0)) }
        var best = 0..<0
        var start = 0
        while start < 8 {
            var end = start
            while end < 8, groups[end] == 0 { end += 1 }
            if end - start > max(1, best.count) { best = start..<end }
            start = max(end, start + 1)
        }
        let texts = groups.map { String($0, radix: 16) }
        if best.isEmpty { return texts.joined(separator: ":") }
        return texts[..<best.lowerBound].joined(separator: ":") + "::"
            + texts[best.upperBound...].joined(separator: ":")
    }
}
