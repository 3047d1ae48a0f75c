public import Forges
internal import Operations
public import PlumbModel

/// Opens the forges of followed repositories: each once, and anew when its declaration or what proves who we are has changed.
public actor ForgeOpening {
    private struct Opened {
        let declaration: ForgeDeclaration
        let secret: String
        let forge: any Forge
    }

    private let environment: [String: String]
    /// By the name of the repository.
    private var opened: [String: Opened] = [:]

    /// - Parameter environment: where secrets are read that declarations name.
    public init(environment: [String: String]) { self.environment = environment }

    /// Nothing is asked of the forge yet; the secret is read each time.
    ///
    /// - Parameter repository: its name in the controller's configuration.
    /// - Throws: `invalidSettings` where the secret cannot be read, or makes no sense.
    public func forge(_ declaration: ForgeDeclaration, of repository: String) async throws(ForgeError) -> any Forge {
        let secret = try await secret(declaration, repository)
        if let known = opened[repository], known.declaration == declaration, known.secret == secret {
            return known.forge
        }
        let credentials: ForgeCredentials =
            switch declaration.credentials {
            case .token: .token(secret)
            case .app(let id, _, let installation): .app(id: id, privateKey: secret, installation: installation)
            }
        let forge = try declaration.kind.open(
            ForgeSettings(api: declaration.api, repository: declaration.repository, credentials: credentials))
        opened[repository] = Opened(declaration: declaration, secret: secret, forge: forge)
        return forge
    }

    private func secret(_ declaration: ForgeDeclaration, _ repository: String) async throws(ForgeError) -> String {
        let reference =
            switch declaration.credentials {
            case .token(let reference): reference
            case .app(_, let key, _): key
            }
        let environment = environment
        do throws(Diagnostics) {
            let secret = try await BlockingWork.run { () throws(Diagnostics) in
                try SecretReading(environment: environment).read(reference)
            }
            KnownSecrets.note(Value.string(secret).sensitive())
            return secret
        } catch {
            throw ForgeError(
                .invalidSettings,
                error.sentence(while: "\(declaration.kind.title) cannot be asked for the repository \(repository)"))
        }
    }
}
