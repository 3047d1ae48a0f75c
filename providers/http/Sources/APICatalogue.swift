import PlumbModel
import ProviderAPI

/// The API files that come with the program, and those of a stack.
enum APICatalogue {
    /// The files of `providers/http/apis`, which are built into the program.
    private static let files: [(name: String, bytes: [UInt8])] = [
        ("aws_s3", PackageResources.aws_s3_yaml),
        ("aws_sqs", PackageResources.aws_sqs_yaml),
        ("cloudflare", PackageResources.cloudflare_yaml),
        ("digitalocean", PackageResources.digitalocean_yaml),
        ("github", PackageResources.github_yaml),
        ("hcloud", PackageResources.hcloud_yaml),
        ("keystone", PackageResources.keystone_yaml),
        ("powerdns", PackageResources.powerdns_yaml),
        ("rabbitmq", PackageResources.rabbitmq_yaml),
    ]

    static var names: [String] { files.map(\.name) }

    /// `name` is one of the catalogue's, or the path of a file in the stack if it has a slash or ends in `.yaml`.
    static func api(named name: String, for configuration: ProviderConfiguration) throws(Diagnostics) -> APIDescription
    {
        if let file = files.first(where: { $0.name == name }) {
            var api = try APIReader.read(SourceFile(path: "apis/\(name).yaml", bytes: file.bytes))
            // Whoever uses it cannot change it.
            api.warnings = Diagnostics()
            for index in api.types.indices { api.types[index].warnings = [] }
            return api
        }
        guard name.contains("/") || name.hasSuffix(".yaml") || name.hasSuffix(".yml") else {
            throw Diagnostics(
                .error(
                    "Unknown API",
                    "The catalogue has no API \"\(name)\".\(Suggestion.didYouMean(name, among: names)) It has: "
                        + "\(names.joined(separator: ", ")). An API file of your own is named with its path, such as "
                        + "\"./\(name.isEmpty ? "api" : name).yaml\".", at: configuration.range))
        }
        return try file(at: name, in: configuration.source, named: configuration.range)
    }

    /// - Parameter range: where the file is named; nil where a person named it on a command line.
    static func file(
        at path: String, in source: any SpecificationSource, named range: SourceRange?
    ) throws(Diagnostics) -> APIDescription {
        let path = path.hasPrefix("./") ? String(path.dropFirst(2)) : path
        guard let bytes = try source.contents(of: path) else {
            let place = range == nil ? "\(source.name)" : "the stack"
            let known = try source.files(in: path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "")
            throw Diagnostics(
                .error(
                    "Missing API file",
                    "There is no file \"\(path)\" in \(place).\(Suggestion.didYouMean(path, among: known))", at: range))
        }
        return try APIReader.read(
            SourceFile(path: path, bytes: bytes), references: OpenAPISchemas(source, apiPath: path))
    }
}
