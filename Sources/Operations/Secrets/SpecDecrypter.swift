internal import Age
internal import Loading
internal import PlumbModel
internal import SOPS

/// Decrypts specs and variable files with the identities of age that the environment names.
struct SpecDecrypter: SpecDecrypting {
    private let environment: [String: String]

    init(_ environment: [String: String]) { self.environment = environment }

    func decrypt(_ document: SpecificationNode) throws(Diagnostics) -> SpecificationNode {
        try SOPSFile(document).decrypt(with: try identities())
    }

    private func identities() throws(Diagnostics) -> [AgeIdentity] {
        do throws(KeyError) {
            return try AgeIdentities(environment).find()
        } catch {
            throw Diagnostics(.error("Identities cannot be read", error.message))
        }
    }
}
