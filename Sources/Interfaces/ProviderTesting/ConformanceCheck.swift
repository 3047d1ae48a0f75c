/// The checks of the conformance suite, by name.
public enum ConformanceCheck: String, Sendable, CaseIterable, CustomStringConvertible {
    case hasSoundSchema = "the schema is sound"
    case createsAsPlanned = "creates what it planned"
    case readsBack = "reads back what it created"
    case plansNothing = "plans nothing when nothing changed"
    case updatesInPlace = "updates in place"
    case replaces = "replaces where it must"
    case seesAndHealsDrift = "sees drift and heals it"
    case deletes = "deletes"
    case deletesWhatIsGone = "deletes what is gone"
    case readsMany = "reads many, some of them gone"
    case imports = "imports"
    case repeatsCreation = "creates once when the call is repeated"
    case recoversUnstartedCreation = "recovers: crash before the creation"
    case recoversLostCreation = "recovers: crash after the creation"
    case recoversUnstartedUpdate = "recovers: crash before the update"
    case recoversLostUpdate = "recovers: crash after the update"
    case recoversUnstartedDeletion = "recovers: crash before the deletion"
    case recoversLostDeletion = "recovers: crash after the deletion"
    case survivesCancellation = "survives cancellation in the middle"
    case survivesThrottling = "survives throttling"
    case survivesServerError = "survives a server error"
    case survivesTimeout = "survives a timeout"
    case survivesLostResponse = "survives a lost response"

    public var description: String { rawValue }
}
