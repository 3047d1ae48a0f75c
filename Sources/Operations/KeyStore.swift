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

/// The keys of a stack's secrets: the newest seals, all of them open.
struct KeyRing: Sendable {
    let newest: SymmetricKey
    /// From before a rotation that is not over.
    let older: [SymmetricKey]

    var all: [SymmetricKey] { [newest] + older }

    /// One key a line, the newest first, each 32 bytes in base64.
    init(parsing text: String, origin: String) throws(KeyError) {
        let words = text.split { $0.isWhitespace || $0 == "," }
        var keys: [SymmetricKey] = []
        for word in words {
            guard let data = Data(base64Encoded: String(word)), data.count == 32 else { throw Self.malformed(origin) }
            keys.append(SymmetricKey(data: data))
        }
        guard let first = keys.first else { throw Self.malformed(origin) }
        (newest, older) = (first, Array(keys.dropFirst()))
    }

    init(_ newest: SymmetricKey, older: [SymmetricKey] = []) {
        self.newest = newest
        self.older = older
    }

    var text: String {
        all.map { key in key.withUnsafeBytes { Data($0).base64EncodedString() } + "\n" }.joined()
    }

    private static func malformed(_ origin: String) -> KeyError {
        KeyError(
            message:
                "\(origin) is no key: 32 bytes in base64 are expected, and during a rotation several such, the newest "
                + "first.")
    }
}

/// Holds the data keys of a stack's secrets, outside of the database: `PLUMB_STATE_KEY` (32 bytes in base64), else the
/// file `.plumb/state.key` (mode 0600), made at the first secret.
///
/// Where there is a file `.plumb/state.recipients`, the key file is encrypted for the recipients of age that it names.
final class KeyStore: Sendable {
    private struct Loaded {
        let ring: KeyRing
        let identity: FileIdentity?
    }

    /// Tells the file from one that has been put in its place.
    private struct FileIdentity: Equatable {
        let node: UInt
        let seconds: Int
        let nanoseconds: Int
    }

    let path: String
    private let environmentKey: String?
    private let wrapping: KeyWrapping
    private let loaded = Mutex<Loaded?>(nil)

    init(directory: String, environment: [String: String]) {
        path = directory + "/.plumb/state.key"
        environmentKey = environment["PLUMB_STATE_KEY"]
        wrapping = KeyWrapping(recipientsPath: directory + "/.plumb/state.recipients", environment: environment)
    }

    /// Whether the keys come from the environment, where nothing can be written.
    var isGiven: Bool { environmentKey != nil }

    /// The keys as they are now: a run that began before a rotation goes on with the new ones.
    ///
    /// - Parameter creates: whether a key may be made where there is none.
    func ring(creates: Bool) throws(KeyError) -> KeyRing {
        let result = loaded.withLock { loaded -> Result<KeyRing, KeyError> in
            let identity = identity()
            if let loaded, isGiven || identity == nil || identity == loaded.identity { return .success(loaded.ring) }
            do throws(KeyError) {
                let ring = try load(creates: creates)
                loaded = Loaded(ring: ring, identity: self.identity())
                return .success(ring)
            } catch {
                return .failure(error)
            }
        }
        return try result.get()
    }

    /// Keeps the key file in another way from the next rotation on.
    func protect(_ protection: KeyProtection) throws(Diagnostics) {
        guard !isGiven else {
            throw Diagnostics(
                .error(
                    "No key file to protect",
                    "PLUMB_STATE_KEY is set, so that there is no key file that could be encrypted. Unset it after the key has "
                        + "been written to \(path), then try again."))
        }
        do throws(KeyError) {
            // Opened while the old way still holds.
            _ = try ring(creates: true)
        } catch {
            throw Diagnostics(.error("Secrets cannot be sealed anew", error.message))
        }
        let folder = String(path[..<(path.lastIndex(of: "/") ?? path.endIndex)])
        mkdir(folder, 0o700)
        try wrapping.setProtection(protection, of: path)
    }

    /// Makes a new key the newest one; the others stay until the rotation ends. Does nothing where keys are given.
    func beginRotation() throws(KeyError) {
        guard !isGiven else { return }
        let ring = KeyRing(SymmetricKey(size: .bits256), older: try ring(creates: true).all)
        try removeLeftovers()
        try replace(ring)
    }

    /// Forgets all keys but the newest. Does nothing where keys are given.
    func endRotation() throws(KeyError) {
        guard !isGiven else { return }
        try replace(KeyRing(try ring(creates: false).newest))
    }

    private func load(creates: Bool) throws(KeyError) -> KeyRing {
        if let environmentKey { return try KeyRing(parsing: environmentKey, origin: "PLUMB_STATE_KEY") }
        if let text = try read() { return try KeyRing(parsing: text, origin: path) }
        guard creates else {
            throw KeyError(
                message: "The state holds encrypted secrets, but their key is missing: there is no \(path), and "
                    + "PLUMB_STATE_KEY is not set. Put the key back; nothing in the state is lost.")
        }
        return try create()
    }

    private func identity() -> FileIdentity? {
        var status = stat()
        guard !isGiven, stat(path, &status) == 0 else { return nil }
        return FileIdentity(
            node: UInt(status.st_ino), seconds: Int(status.st_mtim.tv_sec), nanoseconds: Int(status.st_mtim.tv_nsec))
    }

    private func read() throws(KeyError) -> String? {
        guard access(path, F_OK) == 0 else { return nil }
        let text: String
        do {
            text = try String(contentsOfFile: path, encoding: .utf8)
        } catch {
            throw KeyError(message: "The key file \(path) cannot be read: \(String(cString: strerror(errno))).")
        }
        return try wrapping.unwrap(text, path)
    }

    // MARK: - Writing

    private var folder: String { String(path[..<(path.lastIndex(of: "/") ?? path.endIndex)]) }

    /// Whoever creates the file first wins; the other one reads it.
    private func create() throws(KeyError) -> KeyRing {
        let ring = KeyRing(SymmetricKey(size: .bits256))
        let isNewFolder = mkdir(folder, 0o700) == 0
        let temporary = try writeBeside(ring)
        defer { unlink(temporary) }
        if link(temporary, path) == 0 {
            // What is sealed with a key must not outlive its name in the folder, nor the folder's in its own.
            guard synchronise(folder), !isNewFolder || synchronise(folder + "/..") else { throw failure("written") }
            return ring
        }
        guard errno == EEXIST, let other = try read() else { throw failure("made") }
        return try KeyRing(parsing: other, origin: path)
    }

    private func replace(_ ring: KeyRing) throws(KeyError) {
        let temporary = try writeBeside(ring)
        guard rename(temporary, path) == 0 else {
            let problem = failure("replaced")
            unlink(temporary)
            throw problem
        }
        guard synchronise(folder) else { throw failure("written") }
        loaded.withLock { $0 = nil }
    }

    /// What a rotation that was killed has left beside the file holds keys too. Only one process at a time rotates.
    private func removeLeftovers() throws(KeyError) {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        for name in names where name.hasPrefix("state.key.") && name.utf8.count == 46 {
            guard unlink(folder + "/" + name) == 0 || errno == ENOENT else { throw failure("cleaned up after") }
        }
    }

    private func writeBeside(_ ring: KeyRing) throws(KeyError) -> String {
        let temporary = "\(path).\(RunIdentifier.make())"
        let text = try wrapping.wrap(ring.text, path)
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw failure("made") }
        let written = text.withCString { write(descriptor, $0, text.utf8.count) } == text.utf8.count
        let isDurable = written && fsync(descriptor) == 0
        let problem = failure("written")
        close(descriptor)
        guard isDurable else {
            unlink(temporary)
            throw problem
        }
        return temporary
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
