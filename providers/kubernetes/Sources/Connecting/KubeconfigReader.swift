import Loading
import PlumbModel
import ProviderAPI

#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// Finds and reads kubeconfig files as kubectl does.
struct KubeconfigReader {
    /// The setting `kubeconfig`: this file alone.
    let path: String?
    let environment: [String: String]

    /// Nil where there is no file at all, and none was named.
    func read() throws(ProviderError) -> Kubeconfig? {
        var config = Kubeconfig()
        if let path {
            guard let bytes = try Self.contents(of: path) else {
                throw ProviderError(
                    .invalid,
                    "The kubeconfig \"\(path)\" does not exist. Correct `kubeconfig` of the provider in stack.yaml, or "
                        + "leave it out to use KUBECONFIG or ~/.kube/config.")
            }
            config.merge(try Self.parse(bytes, path), from: path)
            return config
        }
        let named = (environment["KUBECONFIG"] ?? "").split(separator: ":").map(String.init)
        let fallback = (environment["HOME"] ?? Self.home).map { ["\($0)/.kube/config"] } ?? []
        // Files that do not exist are passed over, as kubectl does: KUBECONFIG may name some that only some machines have.
        for file in named.isEmpty ? fallback : named {
            guard let bytes = try Self.contents(of: file) else { continue }
            config.merge(try Self.parse(bytes, file), from: file)
        }
        return config.files.isEmpty ? nil : config
    }

    private static var home: String? {
        getpwuid(getuid()).flatMap { $0.pointee.pw_dir.map { String(cString: $0) } }
    }

    private static func parse(_ bytes: [UInt8], _ path: String) throws(ProviderError) -> Value {
        let documents: [SpecificationNode]
        do {
            documents = try YAMLReader.read(SourceFile(path: path, bytes: bytes))
        } catch {
            let first = error.all.first
            let place = first?.source.map { "\($0): " } ?? "\(path): "
            throw ProviderError(.invalid, "\(place)the kubeconfig cannot be read: \(first?.detail ?? "it is no YAML")")
        }
        let value = documents.first.map(\.plainValue) ?? .null
        guard value.isNull || value.asMap != nil else {
            throw ProviderError(
                .invalid, "\(path): a kubeconfig is a mapping of clusters, users and contexts; this is something else.")
        }
        for key in ["clusters", "users", "contexts"] {
            guard let part = value[key: key], !part.isNull, part.asList == nil else { continue }
            throw ProviderError(
                .invalid, "\(path): `\(key)` must be a list of entries with a `name`, but it is \(part.type.phrase).")
        }
        return value
    }

    /// Nil where there is no such file.
    static func contents(of path: String) throws(ProviderError) -> [UInt8]? {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else {
            if errno == ENOENT || errno == ENOTDIR { return nil }
            throw unreadable(path)
        }
        defer { close(file) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = systemRead(file, &chunk, chunk.count)
            if count < 0, errno == EINTR { continue }
            if count < 0 { throw unreadable(path) }
            if count == 0 { return bytes }
            bytes += chunk[..<count]
            guard bytes.count <= 16 << 20 else {
                throw ProviderError(
                    .invalid, "\"\(path)\" has more than 16 MiB, so it is no kubeconfig, token or certificate.")
            }
        }
    }

    private static func unreadable(_ path: String) -> ProviderError {
        let why = strerror(errno).map { String(cString: $0).lowercased() } ?? "error \(errno)"
        return ProviderError(.invalid, "\"\(path)\" cannot be read: \(why).")
    }
}

extension SpecificationNode {
    /// The node as a value: nothing in it is an expression.
    var plainValue: Value {
        switch content {
        case .scalar(let scalar): scalar.value
        case .sequence(let nodes): .tuple(nodes.map(\.plainValue))
        case .mapping(let entries): .object(ValueMap(entries.map { ($0.key, $0.value.plainValue) }))
        }
    }
}

/// The C library's `read`, whichever it is.
private func systemRead(_ file: Int32, _ buffer: inout [UInt8], _ count: Int) -> Int {
    buffer.withUnsafeMutableBytes { read(file, $0.baseAddress, count) }
}
