/// A `modules:` entry as written, with what its directory declares.
public struct ModuleDeclaration: Sendable {
    public let name: String
    public let nameRange: SourceRange
    /// Where the module's files are: `./net`, `../modules/net`, `git::https://…//net?ref=v1`.
    public let source: String
    public let sourceRange: SourceRange
    public var forEach: SpecificationNode?
    public var count: SpecificationNode?
    public var enabled: SpecificationNode?
    public var dependsOn: SpecificationNode?
    /// Which provider instances its resources use, by the names that they have in the module.
    public var providers: SpecificationNode?
    /// The values of its variables.
    public var inputs: [SpecificationNode.Entry]
    /// What its files declare; `stack` in it is that of the stack. Nil until they have been read.
    public var content: ModuleSpecification?

    public init(name: String, nameRange: SourceRange, source: String, sourceRange: SourceRange) {
        self.name = name
        self.nameRange = nameRange
        self.source = source
        self.sourceRange = sourceRange
        inputs = []
    }
}

/// The specs of a module, shared by all calls of it.
public final class ModuleSpecification: Sendable {
    public let specification: Specification
    /// Relative to the stack's directory, as `path.module` gives it.
    public let folder: String

    public init(_ specification: Specification, folder: String) {
        self.specification = specification
        self.folder = folder
    }
}
