/// Cases of the YAML test suite whose expectation we do not meet, each with its reason.
enum YAMLSuiteExceptions {
    static let reasons: [String: String] = [:]
}
