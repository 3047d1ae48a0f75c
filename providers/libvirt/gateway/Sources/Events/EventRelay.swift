import CLibvirt
import Foundation
import Synchronization

/// Turns libvirt's callbacks into events.
final class EventRelay: Sendable {
    private let hub: EventHub
    /// What is registered with the connection of now, so that it can be taken back.
    private let registered = Mutex<Registrations>(Registrations())

    private struct Registrations {
        var domain: [Int32] = []
        var network: [Int32] = []
        var pool: [Int32] = []
    }

    init(hub: EventHub) {
        self.hub = hub
    }

    func linkChanged(isConnected: Bool) {
        hub.publish(Event(type: .gateway, action: isConnected ? "connected" : "disconnected"))
    }

    func listen(to connection: OpaquePointer) {
        let me = Unmanaged.passUnretained(self).toOpaque()
        let domain = EventRelay.domainCallbacks.map { id, callback in
            virConnectDomainEventRegisterAny(connection, nil, Int32(id.rawValue), callback, me, nil)
        }
        let network = virConnectNetworkEventRegisterAny(
            connection, nil, Int32(VIR_NETWORK_EVENT_ID_LIFECYCLE.rawValue), EventRelay.networkLifecycle, me, nil)
        let pool = EventRelay.poolCallbacks.map { id, callback in
            virConnectStoragePoolEventRegisterAny(connection, nil, Int32(id.rawValue), callback, me, nil)
        }
        registered.withLock { $0 = Registrations(domain: domain, network: [network], pool: pool) }
    }

    /// A connection that still has callbacks is never closed.
    func forget(_ connection: OpaquePointer) {
        let known = registered.withLock { registered in
            defer { registered = Registrations() }
            return registered
        }
        for id in known.domain where id >= 0 { virConnectDomainEventDeregisterAny(connection, id) }
        for id in known.network where id >= 0 { virConnectNetworkEventDeregisterAny(connection, id) }
        for id in known.pool where id >= 0 { virConnectStoragePoolEventDeregisterAny(connection, id) }
    }

    // MARK: Callbacks

    private typealias Data = UnsafeMutableRawPointer?
    private typealias Text = UnsafePointer<CChar>?

    private static func tell(_ data: Data, _ event: Event) {
        guard let data else { return }
        Unmanaged<EventRelay>.fromOpaque(data).takeUnretainedValue().hub.publish(event)
    }

    private static func tell(
        _ data: Data, _ kind: Event.Kind, domain: OpaquePointer?, _ action: String, _ detail: String? = nil
    ) {
        guard let domain else { return }
        let uuid = Connection.uuid { virDomainGetUUIDString(domain, $0) }
        let name = virDomainGetName(domain).map { String(cString: $0) }
        tell(data, Event(type: kind, action: action, uuid: uuid, name: name, detail: detail))
    }

    private static let lifecycleWords = [
        "defined", "undefined", "started", "suspended", "resumed", "stopped", "shutdown", "pm-suspended", "crashed",
    ]

    private static let domainLifecycle: @convention(c) (OpaquePointer?, OpaquePointer?, Int32, Int32, Data) -> Void = {
        _, domain, event, _, data in
        EventRelay.tell(data, .domain, domain: domain, EventRelay.word(lifecycleWords, event))
    }
    private static let domainReboot: @convention(c) (OpaquePointer?, OpaquePointer?, Data) -> Void = {
        _, domain, data in
        EventRelay.tell(data, .domain, domain: domain, "rebooted")
    }
    private static let balloonChange: @convention(c) (OpaquePointer?, OpaquePointer?, UInt64, Data) -> Void = {
        _, domain, kibibytes, data in
        EventRelay.tell(data, .domain, domain: domain, "changed", "memory \(kibibytes * 1024)")
    }
    private static let metadataChange: @convention(c) (OpaquePointer?, OpaquePointer?, Int32, Text, Data) -> Void = {
        _, domain, _, _, data in EventRelay.tell(data, .domain, domain: domain, "changed", "metadata")
    }
    private static let agentLifecycle: @convention(c) (OpaquePointer?, OpaquePointer?, Int32, Int32, Data) -> Void = {
        _, domain, state, _, data in
        EventRelay.tell(data, .domain, domain: domain, "changed", state == 1 ? "agent connected" : "agent disconnected")
    }
    private static let deviceAdded: @convention(c) (OpaquePointer?, OpaquePointer?, Text, Data) -> Void = {
        _, domain, alias, data in
        EventRelay.tell(data, .device, domain: domain, "added", alias.map { String(cString: $0) })
    }
    private static let deviceRemoved: @convention(c) (OpaquePointer?, OpaquePointer?, Text, Data) -> Void = {
        _, domain, alias, data in
        EventRelay.tell(data, .device, domain: domain, "removed", alias.map { String(cString: $0) })
    }

    private static let domainCallbacks: [(virDomainEventID, virConnectDomainEventGenericCallback)] = [
        (VIR_DOMAIN_EVENT_ID_LIFECYCLE, unsafeBitCast(domainLifecycle, to: virConnectDomainEventGenericCallback.self)),
        (VIR_DOMAIN_EVENT_ID_REBOOT, domainReboot),
        (
            VIR_DOMAIN_EVENT_ID_BALLOON_CHANGE,
            unsafeBitCast(balloonChange, to: virConnectDomainEventGenericCallback.self)
        ),
        (
            VIR_DOMAIN_EVENT_ID_METADATA_CHANGE,
            unsafeBitCast(metadataChange, to: virConnectDomainEventGenericCallback.self)
        ),
        (
            VIR_DOMAIN_EVENT_ID_AGENT_LIFECYCLE,
            unsafeBitCast(agentLifecycle, to: virConnectDomainEventGenericCallback.self)
        ),
        (VIR_DOMAIN_EVENT_ID_DEVICE_ADDED, unsafeBitCast(deviceAdded, to: virConnectDomainEventGenericCallback.self)),
        (
            VIR_DOMAIN_EVENT_ID_DEVICE_REMOVED,
            unsafeBitCast(deviceRemoved, to: virConnectDomainEventGenericCallback.self)
        ),
    ]

    private static let networkWords = ["defined", "undefined", "started", "stopped"]

    private static let networkLifecycle: virConnectNetworkEventGenericCallback = {
        let callback: @convention(c) (OpaquePointer?, OpaquePointer?, Int32, Int32, Data) -> Void = {
            _, network, event, _, data in
            guard let network else { return }
            let uuid = Connection.uuid { virNetworkGetUUIDString(network, $0) }
            let name = virNetworkGetName(network).map { String(cString: $0) }
            EventRelay.tell(
                data, Event(type: .network, action: EventRelay.word(networkWords, event), uuid: uuid, name: name))
        }
        return unsafeBitCast(callback, to: virConnectNetworkEventGenericCallback.self)
    }()

    private static let poolWords = ["defined", "undefined", "started", "stopped", "created", "deleted"]

    private static func tell(_ data: Data, pool: OpaquePointer?, _ action: String) {
        guard let pool else { return }
        let uuid = Connection.uuid { virStoragePoolGetUUIDString(pool, $0) }
        let name = virStoragePoolGetName(pool).map { String(cString: $0) }
        tell(data, Event(type: .pool, action: action, uuid: uuid, name: name))
    }

    private static let poolLifecycle: @convention(c) (OpaquePointer?, OpaquePointer?, Int32, Int32, Data) -> Void = {
        _, pool, event, _, data in EventRelay.tell(data, pool: pool, EventRelay.word(poolWords, event))
    }
    private static let poolRefresh: @convention(c) (OpaquePointer?, OpaquePointer?, Data) -> Void = { _, pool, data in
        EventRelay.tell(data, pool: pool, "refreshed")
    }

    private static let poolCallbacks: [(virStoragePoolEventID, virConnectStoragePoolEventGenericCallback)] = [
        (
            VIR_STORAGE_POOL_EVENT_ID_LIFECYCLE,
            unsafeBitCast(poolLifecycle, to: virConnectStoragePoolEventGenericCallback.self)
        ),
        (VIR_STORAGE_POOL_EVENT_ID_REFRESH, poolRefresh),
    ]

    private static func word(_ words: [String], _ number: Int32) -> String {
        words.indices.contains(Int(number)) ? words[Int(number)] : "changed"
    }
}
