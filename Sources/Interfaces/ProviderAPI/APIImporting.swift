public import PlumbModel

/// A provider that makes descriptions of APIs out of their published documents.
public protocol APIImporting: Provider {
    /// Makes an API file of an OpenAPI document; nothing is written or asked.
    func importAPI(_ request: APIImportRequest) throws(Diagnostics) -> ImportedAPI
}

/// Which document is to become an API file, and how.
public struct APIImportRequest {
    /// The document's path, which its references are relative to.
    public let path: String
    /// What the API and its types are to be called; by the document's title unless given.
    public let name: String?
    /// Patterns of types and paths, `*` standing for anything. Empty: all.
    public let include: [String]
    /// Where the API is, where the document does not say or says otherwise.
    public let baseURL: String?
    /// The content of a file by its path, in the way of `path`; nil where there is none.
    public let contents: (_ path: String) throws(Diagnostics) -> [UInt8]?

    public init(
        path: String, name: String? = nil, include: [String] = [], baseURL: String? = nil,
        contents: @escaping (_ path: String) throws(Diagnostics) -> [UInt8]?
    ) {
        self.path = path
        self.name = name
        self.include = include
        self.baseURL = baseURL
        self.contents = contents
    }
}
