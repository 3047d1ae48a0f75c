/// What came of the conditions of one thing: of a resource instance, an output, a variable, or a check.
public struct CheckResult: Sendable, Codable, Hashable {
    public enum Status: String, Sendable, Codable, Hashable {
        case pass, fail
        /// A condition could not be evaluated.
        case error
        /// Only the apply can tell.
        case unknown

        /// Of two statuses the one that counts for both together: an error before a failure before what is unknown.
        public func joined(with other: Status) -> Status {
            let order: [Status] = [.error, .fail, .unknown]
            return order.first { $0 == self || $0 == other } ?? .pass
        }
    }

    /// Whose conditions they are.
    public let object: CheckedObject
    /// The module instance that it stands in, such as `module.net["eu"]`; empty for the stack itself. A resource's is
    /// in its address.
    public let module: String
    public let status: Status
    /// The messages of the conditions that do not hold; nothing secret is in them.
    public let problems: [String]

    public init(_ object: CheckedObject, _ status: Status, in module: String = "", problems: [String] = []) {
        self.object = object
        self.module = module
        self.status = status
        self.problems = problems
    }
}
