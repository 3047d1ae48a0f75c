import Foundation
import GitFixtures
import PlumbModel
import Repositories
import Synchronization
import Testing

/// Fetching from real servers: Git's own daemon, smart HTTP through Git's own backend, and plain folders.
struct RepositoryCacheTests {
    enum Way: String, CaseIterable, Sendable { case path, file, daemon, http }

    /// Three commits on `main`, the first tagged `v1`, the second `v2` with a tag of its own object, and a branch `side`.
    private final class Origin {
        let repository: TemporaryRepository
        let commits: [String]
        let caches: TemporaryRepository

        init() throws {
            repository = try TemporaryRepository()
            caches = try TemporaryRepository(bare: true)
            var commits: [String] = []
            for content in ["one", "two", "three"] {
                try repository.write("net/text", content)
                commits.append(try repository.commit(content))
            }
            self.commits = commits
            try repository.git("tag", "v1", commits[0])
            try repository.git("tag", "-a", "v2", "-m", "second", commits[1])
            try repository.git("branch", "side", commits[1])
        }

        func cache(_ url: String, _ name: String = "it.git", environment: [String: String] = [:]) -> RepositoryCache {
            RepositoryCache(
                url: url, directory: "/", path: caches.path + "/plumb/" + name, environment: environment)
        }

        /// The URL, and the server that must be held while it is used.
        func serve(_ way: Way) async throws -> (url: String, server: GitServer?) {
            switch way {
            case .path: return (repository.path, nil)
            case .file: return ("file://" + repository.path, nil)
            case .daemon:
                let server = try await GitServer("daemon", repository.path)
                return ("git://127.0.0.1:\(server.port)/.git", server)
            case .http:
                let server = try await GitServer("http", repository.path)
                return ("http://127.0.0.1:\(server.port)/.git", server)
            }
        }
    }

    private func text(_ cache: RepositoryCache, _ commit: String) throws -> String? {
        try cache.source(commit: commit, name: "it", folder: "net")?.contents(of: "text").map {
            String(decoding: $0, as: UTF8.self)
        }
    }

    private func problem(_ body: () throws(Diagnostics) -> Void) -> String? {
        do {
            try body()
            return nil
        } catch {
            return error.all.first.map { "\($0.summary): \($0.detail)" }
        }
    }

    @Test(arguments: Way.allCases)
    func everyReferenceLeadsToItsCommit(_ way: Way) async throws {
        let origin = try Origin()
        let (url, server) = try await origin.serve(way)
        defer { withExtendedLifetime(server) {} }
        let wanted: [(String?, Int)] = [
            (nil, 2), ("main", 2), ("v1", 0), ("v2", 1), ("refs/tags/v2", 1), ("side", 1), ("refs/heads/side", 1),
            (origin.commits[0], 0), (origin.commits[1], 1), (String(origin.commits[0].prefix(9)), 0),
            (String(origin.commits[2].prefix(4)), 2),
        ]
        for (number, (reference, index)) in wanted.enumerated() {
            // Into a cache of its own, and then all into one.
            for cache in [origin.cache(url, "\(number).git"), origin.cache(url)] {
                let commit = try cache.fetch(.reference(reference), FetchPatience()).commit
                #expect(commit == origin.commits[index], "\(reference ?? "default")")
                #expect(cache.holds(commit))
                #expect(try text(cache, commit) == ["one", "two", "three"][index])
            }
        }
    }

    @Test(arguments: Way.allCases)
    func aPinnedCommitIsFetchedThoughItsBranchHasMovedOn(_ way: Way) async throws {
        let origin = try Origin()
        let (url, server) = try await origin.serve(way)
        defer { withExtendedLifetime(server) {} }
        let cache = origin.cache(url)
        // The newer first: where a server takes what leads to it for known, the older must come all the same.
        _ = try cache.fetch(.reference("v2"), FetchPatience())
        let fetched = try cache.fetch(.commit(origin.commits[0], reference: "main"), FetchPatience())
        #expect(fetched.commit == origin.commits[0])
        #expect(try text(cache, origin.commits[0]) == "one")
        #expect(try text(cache, origin.commits[1]) == "two")
        #expect(!cache.holds(origin.commits[2]))
        #expect(try cache.source(commit: origin.commits[2], name: "it", folder: "") == nil)
    }

    @Test(arguments: Way.allCases)
    func aPinnedCommitThatIsGoneIsAnErrorUntilItHasBeenFetched(_ way: Way) async throws {
        let origin = try Origin()
        let (url, server) = try await origin.serve(way)
        defer { withExtendedLifetime(server) {} }
        let early = origin.cache(url, "early.git")
        _ = try early.fetch(.reference("main"), FetchPatience())
        try origin.repository.git("reset", "-q", "--hard", "v1")
        try origin.repository.git("reflog", "expire", "--expire=now", "--all")
        try origin.repository.git("gc", "-q", "--prune=now")
        #expect(try text(early, origin.commits[2]) == "three")
        let late = origin.cache(url, "late.git")
        let problem = problem { () throws(Diagnostics) in
            _ = try late.fetch(.commit(origin.commits[2], reference: "main"), FetchPatience())
        }
        #expect(problem?.hasPrefix("Commit is gone: ") == true, "\(problem ?? "none")")
        #expect(problem?.contains("--upgrade") == true)
    }

    @Test(arguments: Way.allCases)
    func whatIsNotThereIsSaid(_ way: Way) async throws {
        let origin = try Origin()
        let (url, server) = try await origin.serve(way)
        defer { withExtendedLifetime(server) {} }
        func fetch(_ url: String, _ reference: String?) -> String {
            problem { () throws(Diagnostics) in
                _ = try origin.cache(url).fetch(.reference(reference), FetchPatience())
            } ?? "none"
        }
        #expect(fetch(url, "sidee").hasPrefix("Unknown revision: \(url) has no branch or tag \"sidee\""))
        #expect(fetch(url, "sidee").hasSuffix("Did you mean \"side\"?"))
        #expect(fetch(url, "zzzzzzzz").hasSuffix("It has: main, side, v1, v2."))
        #expect(fetch(url, String(repeating: "0", count: 40)).hasPrefix("Unknown revision: "))
        #expect(fetch(url, "00000000").hasPrefix("Unknown revision: "))
        #expect(fetch(url.replacing(".git", with: "") + "-gone", nil).hasPrefix("Git repository cannot be reached: "))
        let empty = try TemporaryRepository(bare: true)
        #expect(fetch("file://" + empty.path, nil).hasPrefix("Git repository is empty: "))
    }

    @Test func whatAKilledFetchLeavesIsNoObstacle() throws {
        let origin = try Origin()
        let cache = origin.cache("file://" + origin.repository.path)
        _ = try cache.fetch(.reference("v1"), FetchPatience())
        let left = [
            "objects/pack/pack_git2_1234", "objects/pack/pack-1.idx.lock", "refs/pins/\(origin.commits[2]).lock",
            "HEAD.lock", "config.lock",
        ]
        for name in left {
            #expect(FileManager.default.createFile(atPath: cache.path + "/" + name, contents: Data("x".utf8)))
        }
        try FileManager.default.createDirectory(atPath: cache.path + ".new/objects", withIntermediateDirectories: true)
        #expect(try cache.fetch(.reference("main"), FetchPatience()).commit == origin.commits[2])
        for name in left { #expect(!FileManager.default.fileExists(atPath: cache.path + "/" + name), "\(name)") }
        #expect(try text(cache, origin.commits[2]) == "three")
        // A draft of a repository that was never finished does not keep the next one from being made.
        try FileManager.default.removeItem(atPath: cache.path)
        #expect(try cache.fetch(.reference("v1"), FetchPatience()).commit == origin.commits[0])
    }

    @Test(arguments: Way.allCases, ["packs", "history"])
    func aDamagedCacheHeals(_ way: Way, _ lost: String) async throws {
        let origin = try Origin()
        let (url, server) = try await origin.serve(way)
        defer { withExtendedLifetime(server) {} }
        let cache = origin.cache(url)
        _ = try cache.fetch(.reference("v1"), FetchPatience())
        try FileManager.default.removeItem(atPath: cache.path + "/objects/pack")
        try FileManager.default.createDirectory(atPath: cache.path + "/objects/pack", withIntermediateDirectories: true)
        if lost == "history" {
            let newest = origin.commits[2]
            try origin.repository.git(
                "fetch", "-q", "--depth", "1", "file://" + origin.repository.path, "main:refs/pins/\(newest)",
                in: cache.path)
            try FileManager.default.removeItem(atPath: cache.path + "/shallow")
            #expect(cache.holds(newest))
        }
        #expect(!cache.holds(origin.commits[0]))
        #expect(try cache.fetch(.reference("v1"), FetchPatience()).commit == origin.commits[0])
        #expect(try text(cache, origin.commits[0]) == "one")
    }

    @Test func aSilentServerIsGivenUpAndTheNextFetchIsWhole() async throws {
        let origin = try Origin()
        let silent = try await GitServer("http", origin.repository.path, "--stall-after", "100")
        let url = "http://127.0.0.1:\(silent.port)/.git"
        let begin = ContinuousClock.now
        let given = problem { () throws(Diagnostics) in
            _ = try origin.cache(url, "a.git").fetch(.reference("main"), FetchPatience(seconds: 1))
        }
        #expect(given?.hasPrefix("Git server does not answer: ") == true, "\(given ?? "none")")
        let stopped = problem { () throws(Diagnostics) in
            let patience = FetchPatience { ContinuousClock.now - begin > .seconds(2) }
            _ = try origin.cache(url, "b.git").fetch(.reference("main"), patience)
        }
        #expect(stopped?.hasPrefix("Fetching was stopped: ") == true, "\(stopped ?? "none")")
        #expect(ContinuousClock.now - begin < .seconds(20))
        #expect(!origin.cache(url, "a.git").holds(origin.commits[2]))
    }

    @Test func aPrivateRepositoryOpensToATokenAndToNothingElse() async throws {
        let origin = try Origin()
        let server = try await GitServer("http", origin.repository.path, "--user", "robot", "--password", "s3cret")
        let url = "http://127.0.0.1:\(server.port)/.git"
        func fetch(_ token: String?) -> String? {
            let environment = ["PATH": "/nowhere", "PLUMB_GIT_TOKEN_127_0_0_1": token ?? ""]
            return problem { () throws(Diagnostics) in
                _ = try origin.cache(url, environment: environment).fetch(.reference("v1"), FetchPatience())
            }
        }
        for token in [nil, "s3cret", "robot:wr0ng"] {
            let problem = fetch(token)
            #expect(problem?.hasPrefix("Git server refuses access: \(url) ") == true, "\(problem ?? "none")")
            #expect(problem?.contains("PLUMB_GIT_TOKEN_127_0_0_1") == true)
            #expect(problem?.contains("s3cret") == false && problem?.contains("wr0ng") == false)
        }
        #expect(fetch("robot:s3cret") == nil)
        #expect(try text(origin.cache(url), origin.commits[0]) == "one")
    }

    @Test func manyFetchIntoOneCacheAtOnce() async throws {
        let origin = try Origin()
        let server = try await GitServer("http", origin.repository.path)
        let cache = origin.cache("http://127.0.0.1:\(server.port)/.git")
        let wanted: [(String, Int)] = [("v1", 0), ("v2", 1), ("main", 2), ("side", 1), ("v1", 0), ("main", 2)]
        let problems = Mutex<[String]>([])
        DispatchQueue.concurrentPerform(iterations: wanted.count) { number in
            do {
                let found = try cache.fetch(.reference(wanted[number].0), FetchPatience()).commit
                if !cache.holds(found) { problems.withLock { $0.append("\(wanted[number]) is not held") } }
            } catch {
                problems.withLock { $0.append("\(wanted[number]): \(error)") }
            }
        }
        #expect(problems.withLock { $0 } == [])
        for (commit, content) in zip(origin.commits, ["one", "two", "three"]) {
            #expect(try text(cache, commit) == content)
        }
    }
}
