internal import PlumbModel

/// Makes addresses of ids: `example.org` becomes `example_org`.
struct AddressNaming {
    private var taken: Set<ResourceAddress>
    /// The number to try next where a name is taken: many ids may come down to the same name.
    private var numbers: [ResourceAddress: Int] = [:]

    init(taken: [ResourceAddress]) { self.taken = Set(taken.map(\.resource)) }

    /// An address that nothing has, neither recorded nor declared nor given out before.
    mutating func address(of type: String, id: String) -> ResourceAddress {
        var name = ""
        for character in id.lowercased() {
            if character.isASCII, character.isLetter || character.isNumber {
                name.append(character)
            } else if !name.isEmpty, name.last != "_" {
                name.append("_")
            }
        }
        while name.last == "_" { name.removeLast() }
        if name.isEmpty { name = "this" }
        if name.first?.isNumber == true { name = "n" + name }
        let first = ResourceAddress(type, name)
        var address = first
        while !taken.insert(address).inserted {
            let number = numbers[first, default: 2]
            numbers[first] = number + 1
            address = ResourceAddress(type, "\(name)_\(number)")
        }
        return address
    }
}
