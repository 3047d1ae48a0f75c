import PlumbModel
import ProviderAPI
import Testing

@testable import LibvirtProvider

/// What is understood of a gateway's events, whatever comes.
struct EventReaderTests {
    private static func messages(_ text: String, _ reader: inout EventReader) -> [EventReader.Message] {
        text.split(separator: "\n", omittingEmptySubsequences: false).dropLast().compactMap {
            reader.take(Array($0.utf8))
        }
    }

    @Test func aStreamIsReadMessageByMessage() {
        var reader = EventReader()
        let head = Self.messages(": plumb-libvirt-gateway\nretry: 500\nid: e-7\n\n:\n\n", &reader)
        #expect(head == [.position])
        #expect(reader.lastID == "e-7")
        let text = #"{"type":"volume","action":"deleted","name":"a","pool":"p"}"#
        let events = Self.messages("id:e-8\nevent: volume\ndata:\(text)\nlater: x\nword\n\n", &reader)
        let expected: Value = ["action": "deleted", "name": "a", "pool": "p"]
        #expect(events == [.event(GatewayEvent(kind: "volume", expected))])
        #expect(reader.lastID == "e-8")
        let lost = Self.messages("id: e-9\nevent: reset\ndata: {}\n\n", &reader)
        #expect(lost == [.event(.reset)])
        let halves = Self.messages("event: domain\ndata: {\ndata: }\n\n", &reader)
        #expect(halves == [.event(GatewayEvent(kind: "domain", .null))])
        let unclear = Self.messages("event: domain\ndata: no event\n\n", &reader)
        #expect(unclear == [.event(.reset)])
        #expect(reader.lastID == "e-9")
    }

    /// What was half sent comes again.
    @Test func aMessageCountsWhenItIsWhole() {
        var reader = EventReader(after: "e-1")
        let none = Self.messages("id: e-2\nevent: pool\ndata: {}\n", &reader)
        #expect(none.isEmpty)
        #expect(reader.lastID == "e-1")
    }

    /// It goes into a header.
    @Test(arguments: ["a b", "a\rX: y", "é", "", String(repeating: "1", count: 101)])
    func anIDThatIsNoneIsNotSentBack(_ id: String) {
        var reader = EventReader(after: "e-1")
        _ = reader.take(Array("id: \(id)".utf8))
        let end = reader.take([])
        #expect(end == .position)
        #expect(reader.lastID == nil)
    }

    // MARK: - What it asks for

    private static let pool = "11111111-2222-3333-4444-555555555555"

    private static func resource(_ type: String, _ id: Value) -> WatchedResource {
        WatchedResource(type: type, state: ResourceState(["id": id]))
    }

    private static func register() throws -> WatchRegister {
        let instance = try Lab.instance(["url": "unix:///nowhere"])
        return try WatchRegister(
            [
                resource("libvirt_domain", "d"), resource("libvirt_volume", .string("\(pool)/v")),
                resource("libvirt_cloudinit", .string("\(pool)/i.iso")), resource("libvirt_pool", .string(pool)),
                resource("libvirt_network", "n"), resource("libvirt_domain", "d"),
            ], types: instance.resourceTypes)
    }

    @Test func onlyWhatAnEventIsAboutIsRead() throws {
        let register = try Self.register()
        func concern(_ kind: String, _ action: String, _ more: Value) -> WatchRegister.Concern {
            let head: ValueMap = ["action": .string(action)]
            return register.concern(
                of: GatewayEvent(kind: kind, .object(head.merging(more.asMap ?? ValueMap()))))
        }
        let pool: Value = ["uuid": .string(Self.pool)]
        #expect(concern("domain", "stopped", ["uuid": "d"]) == .some([0, 5]))
        #expect(concern("device", "removed", ["uuid": "d"]) == .some([0, 5]))
        #expect(concern("domain", "stopped", ["uuid": "other"]) == .nothing)
        #expect(concern("domain", "stopped", .null) == .everything)
        #expect(concern("network", "stopped", ["uuid": "n"]) == .some([4]))
        #expect(concern("volume", "deleted", ["pool": .string(Self.pool), "name": "v"]) == .some([1]))
        #expect(concern("volume", "changed", ["pool": .string(Self.pool), "name": "i.iso"]) == .some([2]))
        #expect(concern("volume", "created", ["pool": .string(Self.pool), "name": "x"]) == .nothing)
        #expect(concern("pool", "undefined", pool) == .some([3, 1, 2]))
        #expect(concern("pool", "refreshed", pool) == .some([3]))
        #expect(concern("snapshot", "made", ["uuid": "d"]) == .nothing)
        #expect(register.images == [2])
        #expect(register.groups(of: [0, 2]).map(\.indexes) == [[2], [0]])
    }

    @Test func whatCannotBeWatchedIsRefused() throws {
        let instance = try Lab.instance(["url": "unix:///nowhere"])
        for resource in [
            Self.resource("libvirt_other", "d"), Self.resource("libvirt_volume", "v"),
            Self.resource("libvirt_pool", .null),
        ] {
            #expect(throws: ProviderError.self) { try WatchRegister([resource], types: instance.resourceTypes) }
        }
    }

    /// However much happens, each resource is read once, and nothing before events come.
    @Test func manyEventsAreOneWork() {
        let agenda = WatchAgenda()
        for number in 0..<10_000 { agenda.add([number % 3]) }
        #expect(agenda.take() == nil)
        agenda.open()
        #expect(agenda.take() == WatchAgenda.Work(indexes: [0, 1, 2]))
        #expect(agenda.take() == nil)
        agenda.addEverything()
        agenda.close()
        #expect(agenda.take() == nil)
        agenda.open()
        #expect(agenda.take()?.isEverything == true)
    }
}
