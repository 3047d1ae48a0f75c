internal import Dispatch
internal import PlumbModel

#if canImport(Glibc)
    internal import Glibc
#else
    internal import Darwin
#endif

/// What the person, or the program before us in a pipe, writes to this process.
enum StandardInput {
    /// The next line without its end, read on a thread of its own; nil at the end.
    static func line() async -> String? {
        await withCheckedContinuation { continuation in
            DispatchQueue.global().async { continuation.resume(returning: readLine()) }
        }
    }

    /// All of it, read on a thread of its own.
    static func read() async throws(Diagnostics) -> [UInt8] {
        let result: Result<[UInt8], Diagnostics> = await withCheckedContinuation { continuation in
            DispatchQueue.global().async {
                do throws(Diagnostics) {
                    continuation.resume(returning: .success(try readAll()))
                } catch {
                    continuation.resume(returning: .failure(error))
                }
            }
        }
        return try result.get()
    }

    private static func readAll() throws(Diagnostics) -> [UInt8] {
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = chunk.withUnsafeMutableBytes { systemRead(STDIN_FILENO, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else {
                throw Diagnostics(
                    .error(
                        "Standard input cannot be read",
                        "Reading standard input failed: \(String(cString: strerror(errno)))."))
            }
            guard count > 0 else { return bytes }
            bytes.append(contentsOf: chunk[..<count])
            guard bytes.count <= SourceFile.maximumSize else {
                throw Diagnostics(SourceFile.tooLarge("(standard input)", size: bytes.count))
            }
        }
    }
}

extension String {
    /// Without white space at both ends.
    var trimmingSpaces: Substring {
        var text = self[...]
        while text.last?.isWhitespace == true { text.removeLast() }
        return text.drop { $0.isWhitespace }
    }
}

/// The system's `read`, which the method of that name hides.
private func systemRead(_ descriptor: Int32, _ buffer: UnsafeMutableRawPointer?, _ count: Int) -> Int {
    read(descriptor, buffer, count)
}
