import Foundation

/// The folders of the host below which pools may lie. Nothing that a caller sends leads out of them.
struct PathRoots: Sendable {
    let folders: [String]

    /// The path without empty parts and dots at the end; nil where a part leads up.
    static func normal(_ path: String) -> String? {
        guard path.hasPrefix("/") else { return nil }
        let parts = path.split(separator: "/").filter { $0 != "." }
        return parts.contains("..") ? nil : "/" + parts.joined(separator: "/")
    }

    /// The path where it lies below a root, links followed.
    func checked(_ path: String, pointer: String) throws(Problem) -> String {
        let list = folders.joined(separator: ", ")
        guard let normal = PathRoots.normal(path) else {
            throw Problem.unprocessable(pointer, "The path must not lead upwards. Pools lie below \(list).")
        }
        let real = PathRoots.real(normal)
        let isBelow = folders.contains { root in
            let root = PathRoots.real(root)
            return real == root || real.hasPrefix(root == "/" ? "/" : root + "/")
        }
        guard isBelow else {
            throw Problem.unprocessable(pointer, "\(path) does not lie below \(list), where the gateway allows pools.")
        }
        return normal
    }

    /// Links in the part that exists are followed; what does not exist cannot be one.
    private static func real(_ path: String) -> String {
        var existing = path
        var rest: [Substring] = []
        while existing != "/" {
            if let found = realpath(existing, nil) {
                defer { free(found) }
                let folder = String(cString: found)
                return ([folder == "/" ? "" : folder] + rest.map(String.init)).joined(separator: "/")
            }
            let parts = existing.split(separator: "/")
            rest.insert(parts[parts.count - 1], at: 0)
            existing = "/" + parts.dropLast().joined(separator: "/")
        }
        return "/" + rest.joined(separator: "/")
    }
}
