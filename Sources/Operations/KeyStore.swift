internal import Crypto
internal import PlumbModel
internal import Synchronization

#if canImport(FoundationEssentials)
    internal import FoundationEssentials
#else
    internal import Foundation
#endif
#if canImport(Glibc)
    internal import Glibc
#endif

/// Why secrets cannot be sealed or opened.
struct KeyError: Error {
    let message: String
}

/// Holds the data key of a stack's secrets, outside of the database: `PLUMB_STATE_KEY` (32 bytes in base64), else the
/// file `.plumb/state.key` (mode 0600), made at the first secret.
final class KeyStore: Sendable {
    private let path: String
    private let environmentKey: String?
    private let cached = Mutex<SymmetricKey?>(nil)

    init(directory: String, environment: [String: String]) {
        path = directory + "/.plumb/state.key"
        environmentKey = environment["PLUMB_STATE_KEY"]
    }

    /// - Parameter creates: whether a key may be made where there is none.
    func key(creates: Bool) throws(KeyError) -> SymmetricKey {
        let result = cached.withLock { cached -> Result<SymmetricKey, KeyError> in
            if let cached { return .success(cached) }
            do throws(KeyError) {
                let key = try load(creates: creates)
                cached = key
                return .success(key)
            } catch {
                return .failure(error)
            }
        }
        return try result.get()
    }

    private func load(creates: Bool) throws(KeyError) -> SymmetricKey {
        if let environmentKey { return try decode(environmentKey, "PLUMB_STATE_KEY") }
        if let text = try read() { return try decode(text, path) }
        guard creates else {
            throw KeyError(
                message: "The state holds encrypted secrets, but their key is missing: there is no \(path), and "
                    + "PLUMB_STATE_KEY is not set. Put the key back; nothing in the state is lost.")
        }
        return try create()
    }

    private func read() throws(KeyError) -> String? {
        guard access(path, F_OK) == 0 else { return nil }
        do {
            return try String(contentsOfFile: path, encoding: .utf8)
        } catch {
            throw KeyError(message: "The key file \(path) cannot be read: \(String(cString: strerror(errno))).")
        }
    }

    private func decode(_ text: String, _ origin: String) throws(KeyError) -> SymmetricKey {
        let trimmed = text.filter { !$0.isWhitespace }
        guard let data = Data(base64Encoded: trimmed), data.count == 32 else {
            throw KeyError(message: "\(origin) is no key: 32 bytes in base64 are expected.")
        }
        return SymmetricKey(data: data)
    }

    /// Whoever creates the file first wins; the other one reads it.
    private func create() throws(KeyError) -> SymmetricKey {
        let key = SymmetricKey(size: .bits256)
        let text = key.withUnsafeBytes { Data($0).base64EncodedString() } + "\n"
        let folder = String(path[..<(path.lastIndex(of: "/") ?? path.endIndex)])
        let isNewFolder = mkdir(folder, 0o700) == 0
        let temporary = "\(path).\(RunIdentifier.make())"
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw failure("made") }
        let written = text.withCString { write(descriptor, $0, text.utf8.count) } == text.utf8.count
        let isDurable = written && fsync(descriptor) == 0
        close(descriptor)
        defer { unlink(temporary) }
        guard isDurable else { throw failure("written") }
        if link(temporary, path) == 0 {
            // What is sealed with a key must not outlive its name in the folder, nor the folder's in its own.
            guard synchronise(folder), !isNewFolder || synchronise(folder + "/..") else { throw failure("written") }
            return key
        }
        guard errno == EEXIST, let other = try read() else { throw failure("made") }
        return try decode(other, path)
    }

    /// Makes new names in a folder survive a power cut.
    private func synchronise(_ folder: String) -> Bool {
        let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        // Some file systems have nothing to write for a folder and say EINVAL.
        return fsync(descriptor) == 0 || errno == EINVAL
    }

    private func failure(_ verb: String) -> KeyError {
        KeyError(message: "The key file \(path) cannot be \(verb): \(String(cString: strerror(errno))).")
    }
}
