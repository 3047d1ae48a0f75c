import Foundation
import Testing

/// What becomes of the file that the state is in.
extension FaultRows {
    func storage(rounds: Int) async -> [FaultRow] {
        let noFile = place.server == nil ? nil : "the state is in no file"
        var noDisk = noFile
        if noDisk == nil {
            do {
                noDisk = try await SmallDisk.obstacle()
            } catch {
                noDisk = "\(error)"
            }
        }
        return [
            FaultRow(fault: "disk full", rounds: rounds, skipped: noDisk, attempt: fullDisk),
            FaultRow(fault: "disk read-only", rounds: rounds, skipped: noDisk, attempt: readOnlyDisk),
            FaultRow(
                fault: "damaged page; the backup is pushed", rounds: rounds, skipped: noFile, attempt: damagedPage),
            FaultRow(
                fault: "write-ahead log without its last commit", rounds: rounds, skipped: noFile, attempt: cutLog),
            FaultRow(
                fault: "write-ahead log with a torn end", rounds: rounds, skipped: noFile, attempt: tornLog),
        ]
    }

    private func fullDisk(_ number: Int) async throws -> FaultFindings {
        let round = try ZoneRound([.update, .create, .destroy, .replace][number % 4], server, place)
        let disk = try await SmallDisk(at: round.stack.path(".plumb"), kilobytes: 4096)
        try await round.prepare()
        try disk.fill(leaving: Int.random(in: 50...400))
        let broken = try await round.stack.plumb("apply", "--auto-approve", deadline: 120)
        try disk.empty()
        var findings = FaultFindings()
        findings.expectTold(
            broken.code == 0 || broken.code == 1 && broken.words.contains("No space is left for the state file"),
            "\(broken.code ?? -1): \(broken.words)")
        try await round.settle(into: &findings)
        try await round.clean()
        return findings
    }

    private func readOnlyDisk(_ number: Int) async throws -> FaultFindings {
        let round = try ZoneRound([.update, .destroy][number % 2], server, place)
        let disk = try await SmallDisk(at: round.stack.path(".plumb"), kilobytes: 4096)
        try await round.prepare()
        try await disk.setReadOnly(true)
        let broken = try await round.stack.plumb("apply", "--auto-approve")
        var findings = FaultFindings()
        findings.expectTold(broken.code == 1 && broken.words.contains("read-only"), "\(broken.words)")
        findings.expectTold(try await round.progress() == 0, "zones were changed without a state")
        try await disk.setReadOnly(false)
        try await round.settle(into: &findings)
        try await round.clean()
        return findings
    }

    /// No program can bring back what a disk has lost, so the backup is pushed before the next apply.
    private func damagedPage(_ number: Int) async throws -> FaultFindings {
        let round = try ZoneRound(.update, server, place)
        try await round.prepare()
        let stack = round.stack
        try #require(try await stack.plumb("state", "backup", "b.json").code == 0)
        try await stack.shell(
            """
            pages=$(($(stat -c %s .plumb/state.db) / 4096))
            for page in $(seq 3 $((pages - 1))); do
              dd if=/dev/urandom of=.plumb/state.db bs=4096 seek=$page count=1 conv=notrunc status=none
            done
            """)
        let broken = try await stack.plumb("apply", "--auto-approve")
        var findings = FaultFindings()
        findings.expectTold(broken.code == 1 && broken.words.contains("is damaged"), "\(broken.words)")
        findings.expectTold(try await round.progress() == 0, "zones were changed with a damaged state")
        try await stack.shell("rm .plumb/state.db*")
        let pushed = try await stack.plumb("state", "push", "b.json")
        findings.expectConverged(pushed.code == 0, "the backup cannot be pushed: \(pushed.words)")
        try await round.settle(into: &findings)
        try await round.clean()
        return findings
    }

    /// A disk that says it has written what it has not: the last commit is gone.
    private func cutLog(_ number: Int) async throws -> FaultFindings {
        try await tamper(number, fault: ["after-result", "after-intent"][number % 2]) { log in
            let commits = WriteAheadLog.commitEnds(log)
            guard let last = commits.dropLast().last else { return log }
            return log.prefix(last)
        }
    }

    private func tornLog(_ number: Int) async throws -> FaultFindings {
        try await tamper(number, fault: ["after-call", "before-call"][number % 2]) { log in
            var torn = log
            let frame = log.suffix(WriteAheadLog.frameSize)
            torn.append(frame.prefix(Int.random(in: 100..<frame.count)))
            return torn
        }
    }

    private func tamper(
        _ number: Int, fault: String, _ change: @Sendable (Data) -> Data
    ) async throws -> FaultFindings {
        let scenarios: [FaultScenario] = [.create, .update, .destroy, .replace]
        let round = try ZoneRound(scenarios[number / 2 % scenarios.count], server, place)
        try await round.prepare()
        let killed = try await round.stack.plumb(
            "apply", "--auto-approve", "--parallelism", "1",
            environment: ["PLUMB_FAULT": "\(fault):\(Int.random(in: 2...20))"])
        try #require(killed.signal == SIGKILL, "\(killed.words)")
        let path = URL(fileURLWithPath: round.stack.path(".plumb/state.db-wal"))
        try change(try Data(contentsOf: path)).write(to: path)
        // The index of the log is built anew when nobody has the file open.
        try? FileManager.default.removeItem(atPath: round.stack.path(".plumb/state.db-shm"))
        var findings = FaultFindings()
        try await round.settle(isKilled: true, into: &findings)
        try await round.clean()
        return findings
    }
}

/// The parts of a write-ahead log of SQLite with pages of 4096 bytes.
private enum WriteAheadLog {
    static let frameSize = 24 + 4096
    private static let headerSize = 32

    /// Where each commit ends, in order: frames of earlier uses of the log, with other salts, do not count.
    static func commitEnds(_ log: Data) -> [Int] {
        let bytes = [UInt8](log)
        guard bytes.count > headerSize else { return [] }
        let salts = Array(bytes[16..<24])
        var ends: [Int] = []
        var start = headerSize
        while start + frameSize <= bytes.count, Array(bytes[start + 8..<start + 16]) == salts {
            if bytes[start + 4..<start + 8].contains(where: { $0 != 0 }) { ends.append(start + frameSize) }
            start += frameSize
        }
        return ends
    }
}
