/// The kinds of forges there are.
public enum ForgeKind: String, Sendable, Hashable, CaseIterable {
    case github, gitlab
    /// Forgejo too, which has Gitea's API.
    case gitea

    /// As people write it.
    public var title: String {
        switch self {
        case .github: "GitHub"
        case .gitlab: "GitLab"
        case .gitea: "Gitea"
        }
    }
}
