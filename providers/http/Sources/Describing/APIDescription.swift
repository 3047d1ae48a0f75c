import PlumbModel

/// A cloud API as its file describes it, checked.
struct APIDescription: Sendable {
    /// A setting of the API's own, given in the instance's `variables:`; `var.NAME` in the file.
    struct Variable: Sendable {
        let name: String
        /// Nil: it must be given.
        let defaultValue: String?
    }

    let name: String
    let file: SourceFile
    /// Of the instance's variables.
    let baseURL: ValueExpression?
    let variables: [Variable]
    /// How requests say who asks, unless the instance's settings do.
    let authentication: AuthenticationTemplate?
    let headers: [RequestTemplate.Field]
    let errors: ErrorRules
    var types: [TypeDescription]
    let dataTypes: [DataDescription]
    /// What is only suspicious, in all of the file.
    var warnings: Diagnostics

    /// What is suspicious in no type of its own.
    var commonWarnings: Diagnostics {
        Diagnostics(warnings.all.filter { warning in !types.contains { $0.warnings.contains(warning) } })
    }
}

/// What values of a type look like, and how they are read off what the server tells.
struct TypeShape: Sendable {
    let name: String
    let summary: String
    let schema: Schema
    /// Attributes that are not simply fields of the same name.
    let attributes: [String: ValueExpression]
    /// What only the server knows of the insides of attributes.
    let nestedComputed: [AttributePattern]
    let errors: ErrorRules
    /// Whether answers may bring secrets that are not known beforehand.
    let hidesResponses: Bool
}

/// One kind of resource of an API.
struct TypeDescription: Sendable {
    let shape: TypeShape
    /// The attributes that tell resources of the type apart.
    let key: [String]
    /// The attributes that an import id is made of.
    let importKey: [String]
    let read: ReadOperation
    /// The attributes that must be known for `read`.
    let readNeeds: [String]
    /// Finds a resource by its key; nil where the API has no way to.
    let lookup: ReadOperation?
    let list: ListOperation?
    let batch: BatchOperation?
    let create: ChangeOperation
    /// Nil: every change replaces.
    let update: ChangeOperation?
    let delete: ChangeOperation
    let replacements: [ReplacementRule]
    /// Nil where what exists cannot be listed, or shall not be.
    let scan: ScanRule?
    let usesETags: Bool
    /// Changes of resources with the same text are made one after the other.
    let exclusive: ValueExpression?
    /// What is only suspicious.
    var warnings: [Diagnostic] = []

    var name: String { shape.name }
    var schema: Schema { shape.schema }
}

/// Something of an API that is only read.
struct DataDescription: Sendable {
    let shape: TypeShape
    let read: ReadOperation
}

/// A change that cannot be made in place.
struct ReplacementRule: Sendable {
    let pattern: AttributePattern
    /// Nil: any change there replaces.
    let condition: ValueExpression?
}

/// How all resources of a type are found that exist.
struct ScanRule: Sendable {
    /// The type whose resources are gone through, each with a list of its own; nil where one list has all.
    let parent: String?
    /// Attributes that a parent gives to what is in it.
    let given: [RequestTemplate.Field]
    /// Which items count.
    let condition: ValueExpression?
}

/// What answers that refuse mean.
struct ErrorRules: Sendable {
    /// The sentence in an answer that refuses.
    let message: ValueExpression?
    let cases: [ErrorCase]

    static let none = ErrorRules(message: nil, cases: [])
}

/// An answer that the API file knows.
struct ErrorCase: Sendable {
    enum Kind: String, CaseIterable, Sendable {
        case notFound = "not_found"
        case conflict
        case throttled
        case transient
        case invalid
        case unauthorised
        case success
    }

    let condition: ValueExpression
    /// Nil: by the status.
    let kind: Kind?
    let message: ValueExpression?
    let hint: ValueExpression?
    /// Whether answers of 2xx are looked at too.
    let includesSuccesses: Bool
}
