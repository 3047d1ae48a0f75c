public import PlumbModel

/// What a user asks of a plan beyond "make it so".
public struct PlanOptions: Sendable {
    public var mode: Plan.Mode
    /// False for `--refresh=false`: recorded values stand for live ones.
    public var refreshes: Bool
    /// Patterns of `--target`; none means everything.
    public var targets: [AddressPattern]
    public var excludes: [AddressPattern]
    /// Patterns of `--replace`.
    public var replaces: [AddressPattern]
    /// How many reads go on at once.
    public var parallelism: Int
    /// True where a destruction takes along what is protected or to be retained: a test leaves nothing behind.
    public var sparesNothing = false
    /// What stays as it is live though the specs say otherwise, by instance: a heal touches only what it is to heal.
    public var leaving: [ResourceAddress: [AttributePattern]] = [:]
    /// True where what cannot be read stays as it is, and the rest is planned: such a plan tells of the whole stack what can
    /// be told (`PlanResult.unreadable` says of what nothing can).
    public var sparesUnreadable = false

    public init(
        mode: Plan.Mode = .normal, refreshes: Bool = true, targets: [AddressPattern] = [],
        excludes: [AddressPattern] = [], replaces: [AddressPattern] = [], parallelism: Int? = nil
    ) {
        self.mode = mode
        self.refreshes = refreshes
        self.targets = targets
        self.excludes = excludes
        self.replaces = replaces
        self.parallelism = max(1, parallelism ?? 10)
    }
}

/// A pattern over addresses: an address (with all its instances), a module (`module.a`, with all that is in it), or a glob
/// in which `*` stands for any text and `?` for any one character. `file:web*.yaml` names everything that is declared in
/// such files.
public struct AddressPattern: Sendable, Hashable, CustomStringConvertible {
    public let description: String
    private let isFilePattern: Bool
    private let glob: [UInt8]

    public init(_ text: String) {
        description = text
        isFilePattern = text.hasPrefix("file:")
        glob = Array((isFilePattern ? String(text.dropFirst(5)) : text).utf8)
    }

    public func matches(_ address: ResourceAddress, file: String?) -> Bool {
        if isFilePattern { return file.map { AddressPattern.matches(glob, Array($0.utf8)) } ?? false }
        if AddressPattern.matches(glob, Array(address.description.utf8)) { return true }
        if !address.module.isEmpty, matchesModule(of: address) { return true }
        return address.key != nil && AddressPattern.matches(glob, Array(address.resource.description.utf8))
    }

    /// Whether it names a module, or an instance of one, in which the resource lies.
    private func matchesModule(of address: ResourceAddress) -> Bool {
        for depth in 1...address.module.count {
            let path = Array(address.module.prefix(depth))
            if AddressPattern.matches(glob, Array(path.addressText.utf8)) { return true }
            guard let last = path.last, last.key != nil else { continue }
            let all = Array(path.dropLast()) + [.init(last.name)]
            if AddressPattern.matches(glob, Array(all.addressText.utf8)) { return true }
        }
        return false
    }

    /// Whether a text that is no address (the name of a test's run, say) matches.
    public func matches(text: String) -> Bool { AddressPattern.matches(glob, Array(text.utf8)) }

    /// Whether it is the address of an instance of a resource, such as `local_file.a["x"]` of `local_file.a`.
    func namesInstance(of resource: ResourceAddress) -> Bool {
        !isFilePattern && description.hasPrefix("\(resource)[")
    }

    /// Glob matching with one step back: linear in practice, never exponential.
    private static func matches(_ glob: [UInt8], _ text: [UInt8]) -> Bool {
        var at = 0
        var position = 0
        var star: (glob: Int, text: Int)?
        while position < text.count {
            if at < glob.count, glob[at] == UInt8(ascii: "*") {
                star = (at, position)
                at += 1
            } else if at < glob.count, glob[at] == UInt8(ascii: "?") || glob[at] == text[position] {
                at += 1
                position += 1
            } else if let last = star {
                at = last.glob + 1
                position = last.text + 1
                star = (last.glob, position)
            } else {
                return false
            }
        }
        return glob[at...].allSatisfy { $0 == UInt8(ascii: "*") }
    }
}
