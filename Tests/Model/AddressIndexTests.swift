import PlumbModel
import Testing

/// The tree finds what comparing each with each other finds.
struct AddressIndexTests {
    private static let texts = [
        "module.a", "module.a[0]", "module.a[1]", #"module.a["k"]"#, "module.b", "module.a.module.b",
        "module.a[0].module.b[1]", "module.a.module.b.t.r", "module.a.t.r", "module.a.t.r[0]", "module.a[1].t.r",
        #"module.a["k"].t.r["x"]"#, "t.r", "t.r[0]", #"t.r["x"]"#, "t.s", "u.r", "data.t.r", "module.a.data.t.r",
    ]

    private var sets: [AddressSet] {
        get throws {
            try Self.texts.flatMap { text in
                let address = try #require(MovableAddress(parsing: text))
                return [[], ["a"], ["a", "b"]].flatMap { module in
                    [true, false].map { AddressSet(address, in: module, isWhole: $0) }
                }
            }
        }
    }

    @Test func setsThatHaveAddressesInCommon() throws {
        let sets = try sets
        var index = AddressIndex<Int>()
        for (number, set) in sets.enumerated() { index.insert(number, at: set) }
        for set in sets {
            let expected = sets.indices.filter { sets[$0].overlaps(set) }
            #expect(index.overlapping(set).sorted() == expected, "\(set)")
        }
    }

    @Test func setsAroundAnAddressUntilItIsTakenOut() throws {
        let sets = try sets
        var index = AddressIndex<Int>()
        for (number, set) in sets.enumerated() { index.insert(number, at: set) }
        let addresses = Self.texts.compactMap { ResourceAddress(parsing: $0) }
        #expect(addresses.count > 10)
        for address in addresses {
            let expected = sets.indices.filter { sets[$0].contains(address) }
            #expect(index.overlapping(address).sorted() == expected, "\(address)")
            index.insert(-1, at: address)
            #expect(index.overlapping(address).sorted() == [-1] + expected)
            index.remove(-1, at: address)
            #expect(index.overlapping(address).sorted() == expected)
        }
    }
}
