public import PlumbModel

/// A provider that knows systems by files that describe them.
public protocol APIChecking: Provider {
    /// Reads such a file and all that it refers to; nobody is asked.
    ///
    /// - Parameters:
    ///   - path: of the file, within `source`.
    ///   - source: the files around it.
    /// - Throws: all that is wrong with the file, with places.
    func checkAPI(at path: String, in source: any SpecificationSource) throws(Diagnostics) -> CheckedAPI
}
