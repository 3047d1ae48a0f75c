internal import Loading
internal import PlumbModel
internal import Repositories
internal import Synchronization

/// Where the modules from Git are kept: a bare repository for each URL, in `.plumb/modules` of the stack.
///
/// There it is written by whoever may write the state, it needs no home directory, and it goes when the stack goes. To share
/// it between stacks, `PLUMB_MODULE_CACHE` names another folder.
final class ModuleCaches: Sendable {
    private let folder: String
    private let directory: String
    private let environment: [String: String]
    private let known = Mutex<[String: RepositoryCache]>([:])

    init(_ location: StackLocation, _ environment: [String: String]) {
        let named = environment["PLUMB_MODULE_CACHE"] ?? ""
        folder = named.isEmpty ? location.directory + "/" + ModulePlace.root : named
        directory = location.directory
        self.environment = environment
    }

    func cache(of address: GitModuleAddress) -> RepositoryCache {
        known.withLock { known in
            if let cache = known[address.url] { return cache }
            let cache = RepositoryCache(
                url: address.url, directory: directory, path: folder + "/" + ModulePlace.name(of: address.url) + ".git",
                environment: environment)
            known[address.url] = cache
            return cache
        }
    }
}

/// The folder that stands for a repository at a commit in `path.module`, in problems and in saved plans.
///
/// It is no folder on the disk: `.plumb/modules/net-1a2b3c4d@5d6e7f8a9b0c/dns` is the folder `dns` of that commit, in the
/// cache `.plumb/modules/net-1a2b3c4d.git`.
struct ModulePlace {
    static let root = ".plumb/modules"

    /// The whole repository's.
    let repository: String
    /// The module's.
    let folder: String

    init(_ address: GitModuleAddress, commit: String) {
        repository = "\(Self.root)/\(Self.name(of: address.url))@\(commit.prefix(12))"
        folder = address.folder.isEmpty ? repository : repository + "/" + address.folder
    }

    static func name(of url: String) -> String { RepositoryCache.folderName(of: url) }
}
