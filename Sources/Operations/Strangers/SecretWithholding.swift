internal import Loading
internal import PlumbModel
internal import SOPS

/// Reads encrypted specs and variable files without a key: what is encrypted is unknown.
struct SecretWithholding: SpecDecrypting {
    func decrypt(_ document: SpecificationNode) throws(Diagnostics) -> SpecificationNode {
        try SOPSFile(document).withoutSecrets
    }
}

/// Reads no module from another repository: a cache of ours may hold what whoever wrote the specs must not see, and what
/// is in none would have to be fetched.
struct ModuleRefusal: ModuleRepositories {
    func source(
        of address: GitModuleAddress
    ) throws(Diagnostics) -> (source: any SpecificationSource, folder: String) {
        throw Diagnostics(
            .error(
                "Module of another repository",
                "Nobody vouches for whoever has written these specs, so that modules of other repositories, such as "
                    + "\(address.url), are not read for them. A maintainer has to plan this stack."))
    }
}
