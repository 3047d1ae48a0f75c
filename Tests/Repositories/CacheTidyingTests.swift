import Foundation
import GitFixtures
import PlumbModel
import Repositories
import Testing

/// A cache does not grow with every look, and keeps what is in use.
struct CacheTidyingTests {
    @Test func packsArePutTogetherAndWhatNobodyNeedsIsLetGo() throws {
        let it = try Following()
        let followed = it.repository()
        var commits: [String] = []
        for round in 0..<25 {
            // Each is no part of the next one's history.
            try it.origin.git("checkout", "-q", "--orphan", "round\(round)")
            try it.origin.shell("head -c 20000 /dev/urandom > big")
            commits.append(try it.origin.commit())
            try it.origin.git("branch", "-f", "main", "HEAD")
            let change = try followed.newest().change
            #expect(change == (round == 0 ? .first : .rewritten(from: commits[round - 1])))
        }
        let inUse = commits[3]
        let reader = try followed.source(at: inUse, folder: "")
        let before = try followed.tidy(keeping: Set(commits), packLimit: 100)
        #expect((before.commits, before.packs) == (25, 25))
        #expect(before.bytes > 25 * 20_000)
        // The packs that were put together stay for whoever reads from them.
        let between = try followed.tidy(keeping: [inUse], grace: 3600)
        #expect((between.commits, between.packs) == (11, 26))
        let after = try followed.tidy(keeping: [inUse], grace: 0)
        #expect((after.commits, after.packs) == (11, 1))
        #expect(after.bytes < 12 * 21_000 && after.bytes > 11 * 20_000)
        for commit in commits.suffix(10) + [inUse] {
            #expect(try followed.source(at: commit, folder: "").contents(of: "big")?.count == 20_000)
        }
        #expect(try reader.contents(of: "big")?.count == 20_000)
        let gone = problem { () throws(Diagnostics) in _ = try followed.source(at: commits[0], folder: "") }
        #expect(gone?.hasPrefix("Commit is not in the cache: ") == true, "\(gone ?? "none")")
        #expect(try followed.newest().change == .unchanged)
        #expect(try followed.tidy(keeping: [inUse], grace: 0) == after)
    }

    @Test func whatComesBackBeforeItIsRemovedStays() throws {
        let it = try Following()
        let followed = it.repository()
        let first = try it.commit("a", "first")
        _ = try followed.newest()
        for round in 0..<12 {
            try it.origin.git("checkout", "-q", "--orphan", "round\(round)")
            try it.commit("a", "\(round)")
            try it.origin.git("branch", "-f", "main", "HEAD")
            _ = try followed.newest()
        }
        #expect(try followed.tidy(keeping: [], packLimit: 1, grace: 3600).commits == 10)
        try it.origin.git("branch", "-f", "main", first)
        #expect(try followed.newest().commit == first)
        _ = try followed.tidy(keeping: [], packLimit: 100, grace: 0)
        #expect(try followed.text(first, "a") == "first")
        #expect(try followed.tidy(keeping: [], packLimit: 1, grace: 0).packs > 1)
        #expect(try followed.tidy(keeping: [], packLimit: 1, grace: 0).packs == 1)
        #expect(try followed.text(first, "a") == "first")
    }
}
