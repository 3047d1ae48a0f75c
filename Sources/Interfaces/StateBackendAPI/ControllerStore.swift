/// What a controller notes beside the states of its stacks, and through which several controllers on one database agree.
///
/// All calls see and change one database at once; texts are JSON that the controller alone understands.
public protocol ControllerStore: Sendable {
    /// For people: `PostgreSQL db.example.org/plumb`.
    var name: String { get }
    /// Whether several controllers may share it. Where not, `announce` throws `leaseHeld` while another one lives.
    var isShared: Bool { get }

    // MARK: Records

    /// All records of a kind, by key.
    func records(of kind: String) async throws(StateBackendError) -> [ControllerRecord]
    /// Nil where there is none.
    func record(of kind: String, key: String) async throws(StateBackendError) -> ControllerRecord?
    /// Writes a record if it still has the version that the writer has read (nil: if there is none).
    ///
    /// - Returns: its new version; nil where somebody else has written meanwhile, and nothing was changed.
    func write(
        _ text: String, of kind: String, key: String, replacing version: Int64?
    ) async throws(StateBackendError) -> Int64?
    /// A record that is not there is no error.
    func remove(of kind: String, key: String) async throws(StateBackendError)

    // MARK: Logs

    /// Appends to logs, all or nothing; the store gives the entries their numbers.
    func append(_ entries: [ControllerLogEntry]) async throws(StateBackendError)
    /// Oldest first, after a number (nil: the newest `limit` of them); of one subject or of all.
    func entries(
        of log: String, subject: String?, after number: Int64?, limit: Int
    ) async throws(StateBackendError) -> [ControllerLogEntry]
    /// Removes all but the newest entries of a log.
    func trim(_ log: String, keeping count: Int) async throws(StateBackendError)

    // MARK: Members

    /// Says that a controller lives, for a number of seconds by the database's clock.
    ///
    /// - Returns: all that live now, by id, this one among them.
    /// - Throws: `leaseHeld` where another controller lives and the database is for one.
    func announce(_ member: ControllerMember, seconds: Double) async throws(StateBackendError) -> [ControllerMember]
    /// Says that a controller has ended, so that nobody waits for it.
    func leave(_ id: String) async throws(StateBackendError)

    /// Returns as soon as another controller, or another part of this one, may have changed something since that count of
    /// changes; or after `seconds`, or when the task is cancelled. It may also return for no reason.
    ///
    ///     var seen: Int64 = 0
    ///     while true { read(); seen = try await store.awaitChange(since: seen, seconds: 5) }
    ///
    /// - Parameter count: what the call before gave, so that nothing that happens between two calls is missed; 0 at
    ///   first, with which it returns as soon as it would hear of a change.
    /// - Returns: the count of changes heard of.
    func awaitChange(since count: Int64, seconds: Double) async throws(StateBackendError) -> Int64
    /// Calls made later are refused.
    func close() async
}

/// A document that a controller keeps.
public struct ControllerRecord: Sendable, Hashable {
    public let kind: String
    public let key: String
    /// Rises with every write, and is never given out twice, even where a record was removed between.
    public let version: Int64
    public let text: String

    public init(kind: String, key: String, version: Int64, text: String) {
        self.kind = kind
        self.key = key
        self.version = version
        self.text = text
    }
}

/// One entry of a log that is only appended to: what happened, or who asked for what.
public struct ControllerLogEntry: Sendable, Hashable {
    /// Rises within the database, and is never given out twice; 0 before it is stored. Whoever sees an entry has seen, or
    /// can see, all that have smaller numbers.
    public let number: Int64
    /// `events`, `audit`.
    public let log: String
    /// What it is about: a stack's name, most often.
    public let subject: String
    /// Seconds since 1970.
    public let time: Double
    public let text: String

    public init(number: Int64 = 0, log: String, subject: String, time: Double, text: String) {
        self.number = number
        self.log = log
        self.subject = subject
        self.time = time
        self.text = text
    }
}

/// A controller that shares the database.
public struct ControllerMember: Sendable, Hashable, Identifiable {
    /// Another one at each start.
    public let id: String
    /// Host and process, for people.
    public let name: String
    public let version: String

    public init(id: String, name: String, version: String) {
        self.id = id
        self.name = name
        self.version = version
    }
}
