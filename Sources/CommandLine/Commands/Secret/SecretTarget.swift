internal import ArgumentParser
internal import Operations
internal import PlumbModel
internal import Reporting

#if canImport(Glibc)
    internal import Glibc
#endif

/// Where a secret command writes what it has made.
struct SecretTarget: ParsableArguments {
    @Option(name: .shortAndLong, help: "Write to this file.", completion: .file())
    var output: String?

    @Flag(name: .shortAndLong, help: "Replace the file itself.")
    var inPlace = false

    func validate() throws {
        guard output == nil || !inPlace else { throw ValidationError("--output and --in-place exclude each other.") }
    }

    static func read(_ path: String) async throws(Diagnostics) -> [UInt8] {
        if path == "-" { return try await StandardInput.read() }
        return try await SecretOperation.read(path)
    }

    /// - Parameter isSecret: whether the bytes are in the clear.
    func write(
        _ bytes: [UInt8], of file: String, isSecret: Bool, _ console: Console
    ) async throws(Diagnostics) {
        if inPlace {
            guard file != "-" else {
                throw Diagnostics(.error("Invalid option", "Standard input cannot be replaced: leave out --in-place."))
            }
            return try await FileReplacement.write(bytes, to: file, mode: 0o600)
        }
        guard let output else { return console.write(bytes) }
        guard !isSecret || !Self.areSame(output, file) else {
            throw Diagnostics(
                .error(
                    "Clear text over the encrypted file",
                    "--output names \(file) itself, whose encrypted form would be lost. Write --in-place if that is meant."
                ))
        }
        try await FileReplacement.write(bytes, to: output, mode: 0o600)
    }

    private static func areSame(_ left: String, _ right: String) -> Bool {
        var (one, other) = (stat(), stat())
        guard stat(left, &one) == 0, stat(right, &other) == 0 else { return left == right }
        return one.st_ino == other.st_ino && one.st_dev == other.st_dev
    }

    /// Makes a file that only its owner can read, and never replaces one.
    static func create(_ path: String, _ bytes: [UInt8]) async throws(Diagnostics) {
        guard access(path, F_OK) != 0 else {
            throw Diagnostics(
                .error(
                    "File exists",
                    "\(path) exists, and a key in it would be lost. Give another name, or add the key to it."))
        }
        try await FileReplacement.write(bytes, to: path, mode: 0o600)
    }
}
