internal import Loading
internal import PlumbModel
internal import StateBackendAPI

/// What is believed of a stack whose newest specs are not: its `stack.yaml` at a revision that others vouch for.
///
/// The name, the state and the policies of a stranger's session come from here alone, whatever the stranger's own
/// `stack.yaml` says: it could name the state of another stack, a server of the stranger's, or no policies at all.
struct VouchedStack {
    let declaration: StackDeclaration
    /// Of the stack there: API files, for one.
    let files: any SpecificationSource
    private let location: StackLocation

    /// - Throws: where the stack cannot be read at that revision.
    init(at location: StackLocation, environment: [String: String]) throws(Diagnostics) {
        self.location = location
        do throws(Diagnostics) {
            files = try location.open().source
            declaration = try SpecLoader(source: files, decrypter: SpecDecrypter(environment)).loadStack()
        } catch {
            throw Diagnostics(
                [
                    .error(
                        "Stack cannot be read where it is vouched for",
                        "Nobody vouches for whoever has written these specs, so that the stack's name, state and policies are "
                            + "those of the revision that they are to be merged into; and there its stack.yaml is wrong. "
                            + "Mend that first.")
                ] + error.all)
        }
    }

    /// The state, which is read without its key.
    func state(
        _ capabilities: Capabilities, _ environment: [String: String], _ defaults: StackDefaults?
    ) throws(Diagnostics) -> SealingBackend {
        try StateOpening(capabilities: capabilities, environment: environment).sealed(
            declaration, directory: location.directory, defaults: defaults)
    }

    /// Holds what a stranger says of the stack against what is vouched for.
    ///
    /// - Returns: warnings of what is passed over.
    /// - Throws: where it is another stack.
    func check(_ other: StackDeclaration) throws(Diagnostics) -> Diagnostics {
        guard other.name == declaration.name else {
            throw Diagnostics(
                .error(
                    "Stack has another name",
                    "The stack is called \"\(other.name)\" here and \"\(declaration.name)\" where it is to be merged: its "
                        + "plan would be against the state of another stack. Nobody vouches for whoever has written "
                        + "these specs, so a maintainer has to plan it.", at: other.nameRange))
        }
        var warnings = Diagnostics()
        if other.state?.range.text != declaration.state?.range.text {
            warnings.append(
                .warning(
                    "State is not followed",
                    "`state` is not what it is where the specs are to be merged. The plan is against the state that is named "
                        + "there.", at: other.state?.range.firstLine ?? other.nameRange))
        }
        return warnings
    }
}
