import StateBackendAPI
import Testing

@testable import Reconciling

/// How stacks are spread over controllers, and when things are due.
@Suite struct SpreadingTests {
    private func member(_ id: String) -> ControllerMember { ControllerMember(id: id, name: id, version: "1") }

    @Test func whoGoesTakesOnlyItsOwnStacksAlong() {
        let three = Spreading(["a", "b", "c"].map(member))
        let two = Spreading(["c", "a"].map(member))
        let stacks = (0..<3000).map { "stack-\($0)" }
        var counts: [String: Int] = [:]
        for stack in stacks {
            let before = three.owner(of: stack)?.id ?? ""
            counts[before, default: 0] += 1
            if before != "b" { #expect(two.owner(of: stack)?.id == before) }
        }
        #expect(counts.values.allSatisfy { (850...1150).contains($0) }, "\(counts)")
        #expect(Spreading([]).owner(of: "a") == nil)
    }

    @Test func theEarliestIsTakenFirstAndWhatWasPutOffComesLater() {
        var queue = DueQueue<String>()
        for index in 0..<500 { queue["s\(index)"] = Double(1000 - index) }
        queue["s499"] = 5000
        queue.hasten("s0", to: 1)
        queue.hasten("s0", to: 9)
        queue.remove("s498")
        #expect(queue.nextTime() == 1)
        #expect(queue.take(at: 0.5) == nil)
        #expect(queue.take(at: 2) == "s0")
        #expect(queue.take(at: 600) == "s497")
        var rest = 0
        while queue.take(at: 10_000) != nil { rest += 1 }
        #expect(rest == 497 && queue.nextTime() == nil)
    }

    @Test func pausesGrowUpToABound() {
        let backoff = Backoff(first: 5, longest: 600)
        #expect((4.0...6.0).contains(backoff.seconds(after: 1)))
        #expect((8.0...12.0).contains(backoff.seconds(after: 2)))
        #expect((480.0...720.0).contains(backoff.seconds(after: 40)))
    }

    @Test func urlsOfOneRepositoryAreTheSame() {
        let one = RepositoryAddress.normal("https://git.example.org/team/infra.git")
        for other in [
            "git@git.example.org:team/infra.git", "ssh://git@git.example.org:2222/team/infra",
            "https://user@GIT.example.org/team/infra/",
        ] { #expect(RepositoryAddress.normal(other) == one, "\(other)") }
        #expect(RepositoryAddress.normal("https://git.example.org/team/other") != one)
        #expect(RepositoryAddress.normal("/srv/git/infra.git") == "/srv/git/infra")
    }
}
