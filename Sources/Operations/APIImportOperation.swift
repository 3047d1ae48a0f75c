internal import Loading
public import PlumbModel
internal import ProviderAPI

/// `plumb api import`: makes an API file of an OpenAPI document.
public struct APIImportOperation: Sendable {
    private let path: String
    private let name: String?
    private let include: [String]
    private let baseURL: String?
    private let input: [UInt8]?
    private let capabilities: Capabilities

    /// - Parameters:
    ///   - path: the document; what it refers to is read relative to it.
    ///   - input: the document's text, where it is no file.
    public init(
        path: String, name: String?, include: [String], baseURL: String?, input: [UInt8]? = nil,
        capabilities: Capabilities
    ) {
        self.path = path
        self.name = name
        self.include = include
        self.baseURL = baseURL
        self.input = input
        self.capabilities = capabilities
    }

    public func run() async throws(Diagnostics) -> ImportedAPI {
        try await BlockingWork.run { () throws(Diagnostics) in
            guard let importer = capabilities.providers.lazy.compactMap({ $0 as? any APIImporting }).first else {
                throw Diagnostics(
                    .error(
                        "No provider reads documents",
                        "This plumb was built without a provider that makes API files. Use one that has the http provider."
                    ))
            }
            return try importer.importAPI(
                APIImportRequest(path: path, name: name, include: include, baseURL: baseURL) {
                    (path) throws(Diagnostics) in
                    try contents(of: path)
                })
        }
    }

    private func contents(of path: String) throws(Diagnostics) -> [UInt8]? {
        if let input, path == self.path { return input }
        let parts = path.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        let folder = parts.dropLast().joined(separator: "/")
        let source = try DirectorySource(path: folder.isEmpty ? (path.hasPrefix("/") ? "/" : ".") : folder)
        return try source.contents(of: parts.last ?? path)
    }

    /// Writes the file; one that is there is kept unless it may be replaced.
    public static func write(_ text: String, to path: String, overwrites: Bool) async throws(Diagnostics) {
        if !overwrites, FileReplacement.exists(path) {
            throw Diagnostics(
                .error(
                    "File exists already",
                    "\"\(path)\" is there, and may have been changed by hand. Name another file with --output, or say "
                        + "--overwrite."))
        }
        try await FileReplacement.write(Array(text.utf8), to: path)
    }
}
