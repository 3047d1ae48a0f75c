internal import Age
internal import PlumbModel

#if canImport(FoundationEssentials)
    internal import FoundationEssentials
#else
    internal import Foundation
#endif

/// Finds the private keys of age where SOPS looks for them: `SOPS_AGE_KEY`, the file `SOPS_AGE_KEY_FILE`, and
/// `sops/age/keys.txt` in the folder of the user's settings.
struct AgeIdentities {
    private let environment: [String: String]

    init(_ environment: [String: String]) { self.environment = environment }

    /// - Throws: a text that is no list of identities, or a file that is named and cannot be read.
    func find() throws(KeyError) -> [AgeIdentity] {
        var found: [AgeIdentity] = []
        if let text = environment["SOPS_AGE_KEY"] { found += try list(text, "SOPS_AGE_KEY") }
        if let path = environment["SOPS_AGE_KEY_FILE"] {
            guard let data = FileManager.default.contents(atPath: path) else {
                throw KeyError(
                    message: "The file of age identities \(path), which SOPS_AGE_KEY_FILE names, cannot be read.")
            }
            found += try list(String(decoding: data, as: UTF8.self), path)
        } else if let path = usualPath, let data = FileManager.default.contents(atPath: path) {
            found += try list(String(decoding: data, as: UTF8.self), path)
        }
        return found
    }

    private var usualPath: String? {
        let settings = environment["XDG_CONFIG_HOME"] ?? environment["HOME"].map { $0 + "/.config" }
        return settings.map { $0 + "/sops/age/keys.txt" }
    }

    private func list(_ text: String, _ origin: String) throws(KeyError) -> [AgeIdentity] {
        do throws(AgeError) {
            return try AgeIdentity.list(text)
        } catch {
            throw KeyError(message: "\(origin): \(error.message)")
        }
    }
}
