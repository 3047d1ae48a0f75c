import Foundation
import GitFixtures
import PlumbModel
import Repositories

/// A repository to follow, and a folder for caches of it.
final class Following: Sendable {
    let origin: TemporaryRepository
    /// For caches and keys; no repository that anybody reads.
    let home: TemporaryRepository

    init() throws {
        origin = try TemporaryRepository()
        home = try TemporaryRepository(bare: true)
    }

    var cache: String { home.path + "/caches" }
    /// The bare repository of a URL in the cache.
    func cachePath(_ url: String? = nil) -> String {
        cache + "/" + RepositoryCache.folderName(of: url ?? origin.path) + ".git"
    }

    func repository(
        _ target: RepositoryDeclaration.Target = .branch("main"), url: String? = nil,
        credentials: RepositoryDeclaration.Credentials = .init(), signers: RepositoryDeclaration.Signers? = nil,
        environment: [String: String] = [:]
    ) -> FollowedRepository {
        let declaration = RepositoryDeclaration(
            name: "it", url: url ?? origin.path, target: target, credentials: credentials, signers: signers)
        var variables = ["PATH": ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin"]
        variables.merge(environment) { $1 }
        return FollowedRepository(declaration, cache: cache, environment: variables)
    }

    /// Writes a file and commits it.
    @discardableResult
    func commit(_ name: String, _ text: String, _ message: String = "change") throws -> String {
        try origin.write(name, text)
        return try origin.commit(message)
    }
}

/// The first problem that a call tells: `Summary: detail`; nil where it tells none.
func problem(_ body: () throws(Diagnostics) -> Void) -> String? {
    do {
        try body()
        return nil
    } catch {
        return error.all.first.map { "\($0.summary): \($0.detail)" } ?? "no problem is told"
    }
}

extension FollowedRepository {
    /// The problem that asking for the newest revision meets; nil for none.
    func refusal(_ patience: FetchPatience = FetchPatience()) -> String? {
        problem { () throws(Diagnostics) in _ = try newest(patience) }
    }

    func text(_ commit: String, _ file: String) throws -> String? {
        try source(at: commit, folder: "").contents(of: file).map { String(decoding: $0, as: UTF8.self) }
    }
}
