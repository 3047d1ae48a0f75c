internal import Synchronization

/// The process that runs on behalf of this one; 0 for none.
final class ProcessNumber: Sendable {
    private let number = Atomic<Int32>(0)

    var value: Int32 { number.load(ordering: .acquiring) }

    func set(_ value: Int32) { number.store(value, ordering: .releasing) }
}
