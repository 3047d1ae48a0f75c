internal import Applying
public import PlumbModel
internal import StateBackendAPI

/// `plumb state rekey`: seals all secrets of a state anew, with a key that is made for it or given in the environment.
///
/// Both keys stand in the key file until every value is sealed with the new one, which is one transaction. Killed at any
/// moment, the state can be read with the keys at hand, and the next `rekey` ends what was begun.
public struct StateRekeyOperation: Sendable {
    /// What was done.
    public struct Rekeyed: Sendable {
        /// Secrets that were sealed anew, those of history included.
        public let resealed: Int
        /// Secrets that the newest key had sealed before.
        public let kept: Int
        /// Nil where the keys come from the environment.
        public let keyFile: String?
    }

    private let state: StateOperation
    private let holder: LeaseHolder
    private let protection: KeyProtection?

    /// - Parameter protection: how the key file is kept from now on; nil: as it is.
    public init(_ state: StateOperation, holder: LeaseHolder, protection: KeyProtection? = nil) {
        self.state = state
        self.holder = holder
        self.protection = protection
    }

    public func run() async throws(Diagnostics) -> Rekeyed {
        let vault = state.backend.vault
        let protection = protection
        let rekeyed = try await state.storedEditing("state rekey", holder).perform {
            (_, _) throws(Diagnostics) in
            let contents = try await state.existingContents()
            if let protection { try vault.keys.protect(protection) }
            try Self.translating { () throws(KeyError) in try vault.keys.beginRotation() }
            FaultPoint.reach("rekey-began")
            let (resealed, tally) = try Self.translating { () throws(KeyError) in
                try Self.reseal(contents, vault)
            }
            FaultPoint.reach("rekey-resealed")
            let count = vault.keys.isGiven ? tally.older + tally.open : tally.sealed + tally.open
            let told = Rekeyed(
                resealed: count, kept: tally.sealed + tally.open - count,
                keyFile: vault.keys.isGiven ? nil : vault.keys.path)
            return StateEditing.Edit(
                writes: [.restore(resealed)], summary: "\(told.resealed) secrets sealed anew", told: told)
        }
        FaultPoint.reach("rekey-committed")
        try Self.translating { () throws(KeyError) in try vault.keys.endRotation() }
        return rekeyed
    }

    private static func reseal(
        _ contents: StateContents, _ vault: ValueVault
    ) throws(KeyError) -> (StateContents, SealTally) {
        var tally = SealTally()
        let resealed = try contents.mapValues { (value) throws(KeyError) in
            vault.inspect(value, into: &tally)
            return try vault.reseal(value)
        }
        return (resealed, tally)
    }

    private static func translating<Success>(_ body: () throws(KeyError) -> Success) throws(Diagnostics) -> Success {
        do throws(KeyError) {
            return try body()
        } catch {
            throw Diagnostics(.error("Secrets cannot be sealed anew", error.message))
        }
    }
}
