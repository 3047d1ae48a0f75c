public import PlumbModel
public import ProviderAPI

/// One resource type under test, and the conformance suite that every provider passes with each of its types.
///
/// A provider's tests make one value per type and run every check that applies as a parameterised test:
///
///     let zones = ProviderConformance(
///         type: "powerdns_zone",
///         instance: { try await makeInstance() },
///         declared: { ["name": .string("\($0).example.")] },
///         inPlace: { ["name": .string("\($0).example."), "ttl": 60] },
///         replacement: { ["name": .string("\($0)-other.example.")] },
///         drifts: [Drift("somebody changes the TTL") { state in … }],
///         exists: { state in try await serverHas(state) },
///         importID: { state in state.values[key: "name"]?.asString ?? "" })
///
///     @Test(arguments: zones.checks) func zone(_ check: ConformanceCheck) async throws {
///         try await zones.run(check)
///     }
///
/// Every run of a check makes its own resource and deletes it at the end, so checks may run side by side.
public struct ProviderConformance: Sendable {
    /// Declared values as a spec would give them: an object of the given attributes, the rest is filled with null.
    /// The argument is a short name, `[a-z][a-z0-9]*`, that is new for each run and stays the same in it.
    public typealias Declaration = @Sendable (_ unique: String) -> Value

    public let type: String
    /// Makes a working instance. Called once for each run of a check, which closes it.
    public let instance: @Sendable () async throws -> any ProviderInstance
    /// What is created first.
    public let declared: Declaration
    /// Other values for the same resource that can be changed to without replacement; nil where there are none.
    public let inPlace: Declaration?
    /// Other values that force replacement; nil where nothing does.
    public let replacement: Declaration?
    public let drifts: [Drift]
    /// Asks the real system, not the provider, whether the resource is there; nil where it cannot be told.
    public let exists: (@Sendable (ResourceState) async throws -> Bool?)?
    /// What the resource would be imported by. Given, the type must be `Importing`.
    public let importID: (@Sendable (ResourceState) -> String)?
    /// Attributes that an import cannot know.
    public let unimportable: Set<String>
    /// Makes an instance whose next changing call meets the fault once, on the wire or in the server; nil where the
    /// fault cannot be made to happen.
    public let faulty: (@Sendable (Fault) async throws -> (any ProviderInstance)?)?

    public init(
        type: String, instance: @escaping @Sendable () async throws -> any ProviderInstance,
        declared: @escaping Declaration, inPlace: Declaration? = nil, replacement: Declaration? = nil,
        drifts: [Drift] = [], exists: (@Sendable (ResourceState) async throws -> Bool?)? = nil,
        importID: (@Sendable (ResourceState) -> String)? = nil, unimportable: Set<String> = [],
        faulty: (@Sendable (Fault) async throws -> (any ProviderInstance)?)? = nil
    ) {
        self.type = type
        self.instance = instance
        self.declared = declared
        self.inPlace = inPlace
        self.replacement = replacement
        self.drifts = drifts
        self.exists = exists
        self.importID = importID
        self.unimportable = unimportable
        self.faulty = faulty
    }

    /// The checks that what was given allows: what is not given is not listed, so that no check passes unseen.
    public var checks: [ConformanceCheck] {
        ConformanceCheck.allCases.filter { check in
            switch check {
            case .updatesInPlace, .recoversLostUpdate, .recoversUnstartedUpdate: inPlace != nil
            case .replaces: replacement != nil
            case .seesAndHealsDrift: !drifts.isEmpty
            case .imports: importID != nil
            case .survivesThrottling, .survivesServerError, .survivesTimeout, .survivesLostResponse: faulty != nil
            default: true
            }
        }
    }

    /// Runs one check.
    ///
    /// - Throws: `ConformanceFailure` where the provider does not keep the contract; `ProviderError` where a call
    ///   failed that must succeed.
    public func run(_ check: ConformanceCheck) async throws {
        let instance = try await instance()
        guard let type = instance.resourceTypes.first(where: { $0.name == type }) else {
            await instance.close()
            throw ConformanceFailure(
                check, expected: "the instance offers \(type)",
                got: "types \(instance.resourceTypes.map(\.name).joined(separator: ", "))")
        }
        var run = ConformanceRun(conformance: self, check: check, type: type)
        do {
            try await run.perform()
        } catch {
            await run.cleanUp()
            await instance.close()
            throw error
        }
        await run.cleanUp()
        await instance.close()
    }
}

/// A change that somebody makes behind the provider's back.
public struct Drift: Sendable {
    /// For messages: "somebody edits the file".
    public let name: String
    /// Changes the real thing, not through the provider.
    public let happen: @Sendable (ResourceState) async throws -> Void

    public init(_ name: String, happen: @escaping @Sendable (ResourceState) async throws -> Void) {
        self.name = name
        self.happen = happen
    }
}

/// What can go wrong between a provider and its system.
public enum Fault: String, Sendable, CaseIterable {
    /// 429 with Retry-After, or the system's equivalent; nothing was done.
    case throttling
    /// 500; whether something was done is open.
    case serverError
    /// No answer within the provider's time limit.
    case timeout
    /// The call was carried out; the answer never arrived.
    case lostResponse
}

/// How a provider broke the contract.
public struct ConformanceFailure: Error, Sendable, CustomStringConvertible {
    public let check: ConformanceCheck
    public let expected: String
    public let got: String

    public init(_ check: ConformanceCheck, expected: String, got: String) {
        self.check = check
        self.expected = expected
        self.got = got
    }

    public var description: String { "\(check): expected \(expected); got \(got)" }
}
