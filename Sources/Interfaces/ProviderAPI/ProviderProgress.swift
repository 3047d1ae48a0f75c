/// Lets a call that takes long tell what it waits for.
public enum ProviderProgress {
    /// Set by the engine around each call that changes something.
    @TaskLocal public static var receiver: (@Sendable (String) -> Void)?

    /// Goes on from the address of the resource: "being deleted: finalizers x hold it".
    public static func report(_ text: String) { receiver?(text) }
}
