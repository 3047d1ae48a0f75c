/// One place at which a resource was found to differ from what was recorded, and what became of that.
public struct DriftRecord: Sendable, Hashable {
    public enum Status: String, Sendable, Codable {
        /// It was there at the last check.
        case open
        /// Somebody has said that it may stay, until a time or for good.
        case acknowledged
        /// A run has set it back.
        case healed
        /// It came back as often as it was healed: somebody else writes it, and no heal touches it any more.
        case contended
        /// It was gone at a later check though no run had changed the resource.
        case gone
    }

    public var address: ResourceAddress
    /// Into the resource's values; empty where the resource itself is gone.
    public var path: AttributePath
    /// Tells the live value from others, and nothing of a secret one: a hash, keyed where the value is sensitive.
    public var fingerprint: String
    /// As recorded when it was first seen; null where nothing was.
    public var expected: Value
    /// As last seen; null where nothing is.
    public var live: Value
    /// Seconds since 1970.
    public var firstSeen: Double
    public var lastSeen: Double
    /// How often it has appeared, not how often it was looked at.
    public var occurrences: Int
    public var status: Status
    /// How often in a row a run has set back this very value.
    public var heals: Int
    /// Of an acknowledgement: seconds since 1970; nil for good.
    public var acknowledgedUntil: Double?
    /// Why, and by whom, it was acknowledged.
    public var reason: String?
    public var actor: String?
    /// Who has written the live value; nil where the system does not tell.
    public var writer: DriftAuthor?

    public init(
        address: ResourceAddress, path: AttributePath, fingerprint: String, expected: Value, live: Value,
        firstSeen: Double, lastSeen: Double, occurrences: Int = 1, status: Status = .open, heals: Int = 0,
        acknowledgedUntil: Double? = nil, reason: String? = nil, actor: String? = nil, writer: DriftAuthor? = nil
    ) {
        self.address = address
        self.path = path
        self.fingerprint = fingerprint
        self.expected = expected
        self.live = live
        self.firstSeen = firstSeen
        self.lastSeen = lastSeen
        self.occurrences = occurrences
        self.status = status
        self.heals = heals
        self.acknowledgedUntil = acknowledgedUntil
        self.reason = reason
        self.actor = actor
        self.writer = writer
    }

    /// Whether it was there when it was last looked for.
    public var isPresent: Bool { status == .open || status == .acknowledged || status == .contended }
}

/// Who has written a value outside of Plumbline, as the system tells it.
public struct DriftAuthor: Sendable, Hashable {
    public let name: String
    /// Seconds since 1970; nil where the system does not tell.
    public let time: Double?

    public init(_ name: String, at time: Double? = nil) {
        self.name = name
        self.time = time
    }
}

/// What nobody is to change for a while: a resource, a module, or the whole stack.
public struct HoldRecord: Sendable, Hashable {
    /// An address, which holds all its instances and all that is in a module; empty for the whole stack.
    public var address: String
    public var reason: String
    /// Who has placed it, for people.
    public var placedBy: String
    /// Seconds since 1970.
    public var placedAt: Double
    /// Seconds since 1970; nil until it is lifted.
    public var until: Double?

    public init(address: String, reason: String, placedBy: String, placedAt: Double, until: Double?) {
        self.address = address
        self.reason = reason
        self.placedBy = placedBy
        self.placedAt = placedAt
        self.until = until
    }

    /// Whether an instance is held by it: by its address, that of its resource, or that of a module around it.
    public func covers(_ instance: ResourceAddress) -> Bool {
        if address.isEmpty || address == instance.description || address == instance.resource.description {
            return true
        }
        let text = instance.description
        return text.hasPrefix(address + ".") || (address.hasPrefix("module.") && text.hasPrefix(address + "["))
    }

    /// - Parameter time: seconds since 1970.
    public func isActive(at time: Double) -> Bool { until.map { $0 > time } ?? true }
}
