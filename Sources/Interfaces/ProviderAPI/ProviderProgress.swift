/// Lets a call that takes long tell what it waits for.
public enum ProviderProgress {
    /// Who is told.
    ///
    /// A type of its own: an optimised build of Swift 6.3 crashes where a closure itself is the task-local value.
    public struct Receiver: Sendable {
        let tell: @Sendable (String) -> Void

        public init(_ tell: @escaping @Sendable (String) -> Void) { self.tell = tell }
    }

    /// Set by the engine around each call that changes something.
    @TaskLocal public static var receiver: Receiver?

    /// Goes on from the address of the resource: "being deleted: finalizers x hold it".
    public static func report(_ text: String) { receiver?.tell(text) }
}
