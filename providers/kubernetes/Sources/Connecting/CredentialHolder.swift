import HTTPTransport
import PlumbModel
import ProviderAPI

/// Keeps what a credential program has told until it expires, and asks it once for all who wait.
actor CredentialHolder {
    private let program: CredentialProgram
    private var held: CredentialProgram.Credential?
    private var asking: Task<Result<CredentialProgram.Credential, ProviderError>, Never>?

    private let patience: Duration

    /// - Parameter patience: how long the program may take.
    init(_ program: CredentialProgram, patience: Duration) {
        self.program = program
        self.patience = patience
    }

    /// - Parameter refused: what the server has just refused; it is not given again.
    func credential(
        refused: CredentialProgram.Credential? = nil
    ) async throws(ProviderError) -> CredentialProgram.Credential {
        if let refused, held?.token == refused.token, held?.certificate == refused.certificate { held = nil }
        if let held, held.expires.map({ $0 > Timestamp.now + 10 }) ?? true { return held }
        let task =
            asking
            ?? Task { [program, patience] in
                do throws(ProviderError) {
                    return .success(try await program.run(within: patience))
                } catch {
                    return .failure(error)
                }
            }
        asking = task
        let result = await task.value
        asking = nil
        let credential = try result.get()
        held = credential
        return credential
    }
}

/// Sends the token of a credential program.
struct ProgramAuthenticator: RequestAuthenticator {
    let holder: CredentialHolder

    func sign(_ request: inout HTTPRequest) async throws(HTTPError) {
        guard let token = try await credential(nil).token else { return }
        request.headers["Authorization"] = "Bearer \(token)"
        request.secrets.append(token)
    }

    func refresh(after request: HTTPRequest) async throws(HTTPError) -> Bool {
        guard let used = request.headers["Authorization"]?.dropFirst("Bearer ".count) else { return false }
        let refused = CredentialProgram.Credential(token: String(used), certificate: nil, key: nil, expires: nil)
        return try await credential(refused).token.map { $0 != used } ?? false
    }

    private func credential(
        _ refused: CredentialProgram.Credential?
    ) async throws(HTTPError) -> CredentialProgram.Credential {
        do throws(ProviderError) {
            return try await holder.credential(refused: refused)
        } catch {
            throw HTTPError(.unauthorized, error.message)
        }
    }
}
