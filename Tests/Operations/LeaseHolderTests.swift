import Foundation
import Testing

@testable import Operations

/// Whether the process that holds a lease still runs: only what is certain ends a lease early.
struct LeaseHolderTests {
    private let own = LeaseHolder.current(user: "ada", host: "here")

    /// A process of this machine that waits, with its holder.
    private func running() throws -> (Sleeper, LeaseHolder) {
        let process = try Sleeper()
        let life = ProcessLife(of: process.number)
        return (process, LeaseHolder(user: "bob", host: "here", process: process.number, life: life))
    }

    @Test func itsNameIsReadBack() throws {
        let read = try #require(LeaseHolder(parsing: own.leaseName))
        #expect(read == own)
        #expect(read.leaseName == own.leaseName)
        #expect(own.leaseName.hasPrefix("ada@here pid \(getpid()) ("))
        #expect(own.description == "ada@here pid \(getpid())")
        let brief = try #require(LeaseHolder(parsing: own.forOneCommit.leaseName))
        #expect(brief.isBrief && !own.isBrief && brief.description == own.description)
        #expect(LeaseHolder(parsing: "eve@there pid 4711 briefly")?.isBrief == true)
        #expect(!brief.isDead(seenFrom: own))
    }

    @Test func whatEarlierVersionsWroteIsRead() throws {
        let read = try #require(LeaseHolder(parsing: "eve@mail@there pid 4711"))
        #expect(read == LeaseHolder(user: "eve@mail", host: "there", process: 4711))
        // Which 4711 that was, nobody knows: the lease has to expire.
        #expect(!read.isDead(seenFrom: own))
        for text in ["", "ada", "ada@here", "ada@here pid", "ada@here pid x", "ada@here nr 4"] {
            #expect(LeaseHolder(parsing: text) == nil, "\(text)")
        }
    }

    @Test func aProcessThatRunsIsAliveAndOneThatEndedIsDead() throws {
        let (process, holder) = try running()
        #expect(!holder.isDead(seenFrom: own))
        #expect(!own.isDead(seenFrom: own))
        process.end()
        #expect(holder.isDead(seenFrom: own))
    }

    @Test func onlyAnotherProcessOfThisMachineIsSeenToLive() throws {
        let (process, holder) = try running()
        #expect(holder.isAlive(seenFrom: own))
        #expect(!own.isAlive(seenFrom: own))
        #expect(!LeaseHolder(user: "bob", host: "here", process: process.number).isAlive(seenFrom: own))
        #expect(
            !LeaseHolder(user: "bob", host: "there", process: process.number, life: holder.life).isAlive(seenFrom: own))
        process.end()
        #expect(!holder.isAlive(seenFrom: own))
    }

    @Test func aNumberThatWasGivenAwayAgainIsDead() throws {
        let (process, holder) = try running()
        defer { process.end() }
        let life = try #require(holder.life)
        let earlier = try #require(ProcessLife(parsing: life.description.replacing("/\(life.start)", with: "/1")))
        #expect(LeaseHolder(user: "bob", host: "here", process: holder.process, life: earlier).isDead(seenFrom: own))
    }

    @Test(arguments: [0, 1])
    func aProcessOfAnotherMachineOrContainerIsNotJudged(_ part: Int) throws {
        let (process, holder) = try running()
        process.end()
        var parts = try #require(holder.life).description.split(separator: "/").map(String.init)
        parts[part] = "0"
        let elsewhere = try #require(ProcessLife(parsing: parts.joined(separator: "/")))
        let other = LeaseHolder(user: "bob", host: "here", process: holder.process, life: elsewhere)
        #expect(!other.isDead(seenFrom: own))
        #expect(
            !LeaseHolder(user: "bob", host: "there", process: holder.process, life: holder.life).isDead(seenFrom: own))
    }
}

/// A process that only waits. Foundation's `Process` waits for whoever has inherited its pipe, too, which may be long.
private final class Sleeper {
    let number: Int32

    init() throws {
        var number: pid_t = 0
        let arguments: [UnsafeMutablePointer<CChar>?] = [strdup("sleep"), strdup("60"), nil]
        defer { for argument in arguments { free(argument) } }
        let code = posix_spawn(&number, "/bin/sleep", nil, nil, arguments, nil)
        try #require(code == 0)
        self.number = number
    }

    /// Kills it, and waits until it is gone.
    func end() {
        kill(number, SIGKILL)
        waitpid(number, nil, 0)
    }
}
