internal import PlumbModel
internal import StateBackendAPI
internal import Synchronization

/// Remembers webhooks that were taken on, so that the same one is not taken on twice: by any of the controllers.
final class DeliveryMemory: Sendable {
    private static let kind = "webhook-delivery"
    /// How many are remembered; while some are forgotten, a few more.
    private static let most = 1_000
    private static let between = 100

    private let store: any ControllerStore
    private let sinceLook = Mutex(DeliveryMemory.between)

    init(_ store: any ControllerStore) { self.store = store }

    /// False where one of the marks is known already.
    ///
    /// - Parameter now: seconds since 1970.
    func remember(_ delivery: WebhookDelivery, now: Double) async throws(StateBackendError) -> Bool {
        let keys = delivery.marks.map { "\(delivery.forge.rawValue):\($0.prefix(200).filter { $0 != "\0" })" }
        for (number, key) in keys.enumerated() {
            do throws(StateBackendError) {
                guard try await store.write("\(now)", of: DeliveryMemory.kind, key: key, replacing: nil) != nil else {
                    return false
                }
            } catch {
                // The forge tries again, and is not to be taken for one who replays.
                for written in keys[..<number] { try await store.remove(of: DeliveryMemory.kind, key: written) }
                throw error
            }
        }
        let isDue = sinceLook.withLock { count in
            count += 1
            guard count >= DeliveryMemory.between else { return false }
            count = 0
            return true
        }
        if isDue { try await forgetOldest() }
        return true
    }

    private func forgetOldest() async throws(StateBackendError) {
        let records = try await store.records(of: DeliveryMemory.kind)
        guard records.count > DeliveryMemory.most else { return }
        let oldest = records.sorted { $0.version < $1.version }.dropLast(DeliveryMemory.most)
        for record in oldest { try await store.remove(of: record.kind, key: record.key) }
    }
}
