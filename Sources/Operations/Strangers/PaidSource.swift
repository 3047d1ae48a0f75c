internal import PlumbModel

/// A source whose every file and listing is paid for from an allowance.
struct PaidSource: SpecificationSource {
    private let base: any SpecificationSource
    private let payer: Allowance

    init(_ base: any SpecificationSource, from payer: Allowance) {
        self.base = base
        self.payer = payer
    }

    var name: String { base.name }
    var revision: String? { base.revision }
    var branch: String? { base.branch }
    var allowance: Allowance? { payer }

    func files(in folder: String) throws(Diagnostics) -> [String] {
        try payer.spend(1, .files)
        let names = try base.files(in: folder)
        try payer.spend(names.count, .parts)
        return names
    }

    func folders(in folder: String) throws(Diagnostics) -> [String] {
        try payer.spend(1, .files)
        let names = try base.folders(in: folder)
        try payer.spend(names.count, .parts)
        return names
    }

    func contents(of path: String) throws(Diagnostics) -> [UInt8]? {
        try payer.spend(1, .files)
        guard let bytes = try base.contents(of: path) else { return nil }
        try payer.admit(bytes: bytes.count)
        try payer.spend(bytes.count, .fileBytes)
        return bytes
    }

    func module(at path: String) throws(Diagnostics) -> any SpecificationSource {
        try payer.spend(1, .files)
        return PaidSource(try base.module(at: path), from: payer)
    }

    func reaches(_ path: String) -> Bool { base.reaches(path) }
    func rendered(_ address: String) -> [UInt8]? { base.rendered(address) }
    func keep(rendered: [UInt8], for address: String) { base.keep(rendered: rendered, for: address) }
}
