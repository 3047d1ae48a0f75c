import PlumbModel

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// Finds passwords and tokens in the URLs of `git::` sources.
///
/// A spec is in Git and in saved plans, so that a secret in it is none. The problem shows the line without it.
struct SourceSecretCheck {
    private let file: SourceFile

    init(_ file: SourceFile) { self.file = file }

    func throwIfFound() throws(Diagnostics) {
        let secrets = self.secrets()
        guard !secrets.isEmpty else { return }
        var masked: [UInt8] = []
        var places: [Range<Int>] = []
        var last = 0
        for secret in secrets {
            masked += file.bytes[last..<secret.lowerBound]
            places.append(masked.count..<masked.count + 3)
            masked += Array("***".utf8)
            last = secret.upperBound
        }
        masked += file.bytes[last...]
        let shown = SourceFile(path: file.path, bytes: masked)
        throw Diagnostics(
            places.map {
                .error(
                    "Secret in a module source",
                    "The URL holds a user or a password, which would be in Git, in logs and in saved plans for everybody to "
                        + "read. Take it out of the URL; put a token into the environment variable "
                        + "PLUMB_GIT_TOKEN_example_org (the host's name), or let Git's credential helper know it. If it has "
                        + "been committed, replace it with a new one.",
                    at: SourceRange(file: shown, start: $0.lowerBound, end: $0.upperBound))
            })
    }

    /// What stands before the `@` of each URL, in the file's order.
    private func secrets() -> [Range<Int>] {
        var found: [Range<Int>] = []
        var offset = 0
        while let start = next("git::", from: offset) {
            offset = start + 5
            let end = file.bytes[offset...].firstIndex { [0x20, 0x09, 0x0A, 0x0D, 0x22, 0x27].contains($0) }
            if let secret = secret(in: offset..<(end ?? file.bytes.count)) { found.append(secret) }
        }
        return found
    }

    private func secret(in url: Range<Int>) -> Range<Int>? {
        guard let mark = next("://", from: url.lowerBound), mark + 3 <= url.upperBound else { return nil }
        let authority = file.bytes[(mark + 3)..<url.upperBound].prefix { $0 != UInt8(ascii: "/") }
        guard let at = authority.lastIndex(of: UInt8(ascii: "@")), at > authority.startIndex else { return nil }
        // Over SSH the user is no secret; over HTTPS a token often stands in its place.
        let scheme = String(decoding: file.bytes[url.lowerBound..<mark], as: UTF8.self).lowercased()
        let isHTTP = scheme == "https" || scheme == "http"
        guard isHTTP || authority[..<at].contains(UInt8(ascii: ":")) else { return nil }
        return authority.startIndex..<at
    }

    /// Where a word that has a colon begins.
    private func next(_ word: StaticString, from offset: Int) -> Int? {
        file.bytes.withUnsafeBytes { bytes -> Int? in
            let word = UnsafeRawBufferPointer(start: word.utf8Start, count: word.utf8CodeUnitCount)
            guard let base = bytes.baseAddress, let colon = word.firstIndex(of: UInt8(ascii: ":")) else { return nil }
            var cursor = offset + colon
            while cursor < bytes.count, let found = memchr(base + cursor, 0x3A, bytes.count - cursor) {
                cursor = UnsafeRawPointer(found) - base
                let start = cursor - colon
                if bytes[start...].starts(with: word) { return start }
                cursor += 1
            }
            return nil
        }
    }
}
