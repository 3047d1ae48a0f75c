import Synchronization

/// What a call has told while it was under way.
final class ToldProgress: Sendable {
    private let told = Mutex<[String]>([])

    var texts: [String] { told.withLock { $0 } }

    func note(_ text: String) { told.withLock { $0.append(text) } }
}
