public import PlumbModel

#if canImport(Glibc)
    internal import Glibc
#endif

/// Makes folders that only this user may look into.
public enum PrivateFolder {
    /// What is kept in one.
    public enum Use: Sendable {
        /// What a controller has fetched, and the own files of its stacks.
        case controller
        /// The saved plans of a pull request.
        case plans

        fileprivate var advice: String {
            switch self {
            case .controller:
                "The controller keeps its caches there; `directory` of its configuration names another place."
            case .plans: "Plans are kept there: name another folder."
            }
        }
    }

    /// Makes a folder with all those around it; one that is there is left as it is. Blocks.
    public static func make(_ path: String, for use: Use) throws(Diagnostics) {
        var made = path.hasPrefix("/") ? "" : "."
        for part in path.split(separator: "/") {
            made += "/" + part
            guard mkdir(made, 0o700) == 0 || errno == EEXIST else {
                throw Diagnostics(
                    .error(
                        "Folder cannot be made",
                        "\(made) cannot be made: \(String(cString: strerror(errno))). \(use.advice)"))
            }
        }
    }
}
