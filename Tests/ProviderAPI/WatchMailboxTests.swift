import PlumbModel
import ProviderAPI
import Testing

/// What reaches the reader of a watch.
struct WatchMailboxTests {
    private static func text(_ notice: WatchNotice?) -> String {
        switch notice {
        case .drifted(let index, let state): "drifted \(index) \(state.values.json)"
        case .deleted(let index): "deleted \(index)"
        case .restored(let index): "restored \(index)"
        case .began: "began"
        case .interrupted(let reason): "interrupted \(reason)"
        case .resumed: "resumed"
        case nil: "end"
        }
    }

    @Test func theNewestOfEachResourceIsKept() async {
        let mailbox = WatchMailbox()
        for number in 0..<5000 {
            mailbox.put(.drifted(0, ResourceState(.number(number))))
            mailbox.put(.deleted(1))
            mailbox.put(.restored(1))
        }
        mailbox.put(.began)
        mailbox.put(.interrupted("a"))
        mailbox.put(.resumed)
        mailbox.finish()
        mailbox.put(.deleted(7))
        var texts: [String] = []
        for await notice in mailbox { texts.append(Self.text(notice)) }
        #expect(texts == ["drifted 0 4999", "restored 1", "began", "resumed"])
    }

    /// Thousands at once, in their order.
    @Test func manyResourcesKeepTheirOrder() async {
        let mailbox = WatchMailbox()
        var iterator = mailbox.makeAsyncIterator()
        for index in 0..<5000 { mailbox.put(.deleted(index)) }
        for index in 0..<3000 { #expect(Self.text(await iterator.next()) == "deleted \(index)") }
        for index in 0..<100 { mailbox.put(.restored(index)) }
        for index in 3000..<5000 { #expect(Self.text(await iterator.next()) == "deleted \(index)") }
        for index in 0..<100 { #expect(Self.text(await iterator.next()) == "restored \(index)") }
    }

    @Test func aWaitingReaderIsWoken() async {
        let mailbox = WatchMailbox()
        let reader = Task { () -> String in
            var iterator = mailbox.makeAsyncIterator()
            return Self.text(await iterator.next())
        }
        try? await Task.sleep(for: .milliseconds(20))
        mailbox.put(.deleted(3))
        #expect(await reader.value == "deleted 3")
    }

    @Test(arguments: [0, 20]) func aCancelledReaderEnds(_ milliseconds: Int) async {
        let mailbox = WatchMailbox()
        let reader = Task { () -> String in
            var iterator = mailbox.makeAsyncIterator()
            return Self.text(await iterator.next())
        }
        try? await Task.sleep(for: .milliseconds(milliseconds))
        reader.cancel()
        #expect(await reader.value == "end")
    }
}
