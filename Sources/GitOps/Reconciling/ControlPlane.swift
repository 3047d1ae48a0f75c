public import PlumbModel

/// What a controller shows of itself, and lets itself be told: what its API serves.
public protocol ControlPlane: Sendable {
    /// All stacks, by name.
    func stacks() async throws(Diagnostics) -> [StackStatus]
    /// Nil for a stack that it does not know.
    func status(of stack: String) async throws(Diagnostics) -> StackStatus?
    /// Newest first.
    func runs(of stack: String, limit: Int) async throws(Diagnostics) -> [RunRecord]
    /// The newest plan, as the JSON document that `plumb plan --json` writes, with its digest; nil where there is none.
    func plan(of stack: String) async throws(Diagnostics) -> (digest: String, document: String)?
    func drift(of stack: String) async throws(Diagnostics) -> [DriftRecord]
    /// What it has made, by address, as recorded.
    func resources(of stack: String) async throws(Diagnostics) -> [ResourceRecord]
    /// Takes a command on, notes it in the log `audit` (`AuditEntry(command, .accepted)`), and returns before it is carried
    /// out. What it refuses, the caller notes.
    ///
    /// - Throws: why it is refused: an unknown stack, a digest that is not the pending plan's.
    func perform(_ command: ControlCommand) async throws(Diagnostics)
    /// A forge says that a repository has changed.
    ///
    /// - Parameter urls: under which the forge knows it (HTTPS, SSH).
    /// - Returns: the names of the repositories of the configuration that are looked at now; empty where none is meant.
    func repositoryChanged(_ urls: [String]) async -> [String]
    /// A forge says that something has happened to a pull request: it is looked at now. What has happened, the forge is asked.
    ///
    /// - Parameter urls: under which the forge knows its repository (HTTPS, SSH).
    /// - Returns: the names of the repositories of the configuration whose pull requests are looked at; empty where none is
    ///   meant, or none looks at pull requests.
    func pullRequestChanged(_ number: Int, in urls: [String]) async -> [String]
    /// Why it cannot work for the moment; nil where it can.
    func impediment() async -> String?
    /// What it counts, for Prometheus.
    func measurements() async -> [Measurement]
}

/// One number that a controller exposes.
public struct Measurement: Sendable, Hashable {
    public enum Kind: String, Sendable, Hashable { case counter, gauge, histogram }

    /// Of the family, such as `plumb_reconciliations_total`.
    public let name: String
    /// What stands behind the family's name: `_bucket`, `_sum` and `_count` of a histogram.
    public let suffix: String
    public let kind: Kind
    /// One sentence.
    public let help: String
    public let labels: [String: String]
    public let value: Double

    public init(
        name: String, suffix: String = "", kind: Kind, help: String, labels: [String: String] = [:], value: Double
    ) {
        self.name = name
        self.suffix = suffix
        self.kind = kind
        self.help = help
        self.labels = labels
        self.value = value
    }
}
