/// A state backend that can look for damage in what it stores, beyond what reading a stack finds.
public protocol IntegrityChecking: StateBackend {
    /// - Returns: a sentence for each problem; none where everything is whole.
    func integrityProblems() async throws(StateBackendError) -> [String]
}
