internal import Loading
public import PlumbModel
internal import ProviderAPI

/// `plumb api check`: reads an API file by itself and says what is wrong with it.
public struct APICheckOperation: Sendable {
    private let path: String
    private let capabilities: Capabilities

    public init(path: String, capabilities: Capabilities) {
        self.path = path
        self.capabilities = capabilities
    }

    public func run() async throws(Diagnostics) -> CheckedAPI {
        try await BlockingWork.run { () throws(Diagnostics) in
            guard let checker = capabilities.providers.lazy.compactMap({ $0 as? any APIChecking }).first else {
                throw Diagnostics(
                    .error(
                        "No provider reads API files",
                        "This plumb was built without a provider that reads API files. Use one that has the http provider."
                    ))
            }
            let parts = path.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
            let folder = parts.dropLast().joined(separator: "/")
            let source = try DirectorySource(path: folder.isEmpty ? (path.hasPrefix("/") ? "/" : ".") : folder)
            return try checker.checkAPI(at: parts.last ?? path, in: source)
        }
    }
}
