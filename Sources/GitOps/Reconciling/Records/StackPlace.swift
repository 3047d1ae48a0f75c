/// Where a stack is: a folder of a followed repository.
struct StackPlace: Hashable, Sendable, Comparable {
    /// Its name in the configuration.
    let repository: String
    /// "" for the root.
    let folder: String

    /// For people: `infra:stacks/web`.
    var description: String { folder.isEmpty ? repository : "\(repository):\(folder)" }

    static func < (left: StackPlace, right: StackPlace) -> Bool {
        (left.repository, left.folder) < (right.repository, right.folder)
    }
}
