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
    let baseURL: String?
    let variables: [Variable]
    /// How requests say who asks, unless the instance's settings do.
    let authentication: AuthenticationTemplate?
    let headers: [RequestTemplate.Field]
    /// The sentence in an answer that refuses.
    let errorMessage: ValueExpression?
    let types: [TypeDescription]
}

/// One kind of resource of an API.
struct TypeDescription: Sendable {
    let name: String
    let schema: Schema
    /// The attributes that tell resources of the type apart; together they are the id for an import.
    let key: [String]
    /// Attributes that are not simply fields of the same name.
    let attributes: [String: ValueExpression]
    let read: Operation
    /// Finds a resource by its key; `read` where the file has none.
    let lookup: Operation
    let list: ListOperation?
    let create: Operation
    /// Nil: every change replaces.
    let update: Operation?
    let delete: Operation
    /// Whether answers may bring secrets that are not known beforehand.
    let hidesResponses: Bool
}

/// What is asked of the server to read or change one resource.
struct Operation: Sendable {
    let steps: [RequestTemplate]
    /// Where the resource stands in the last step's answer; nil means that it is read back.
    let live: ValueExpression?
    let refusesExisting: Bool
    let wait: Wait?
}

/// One request for many resources.
struct ListOperation: Sendable {
    let request: RequestTemplate
    /// The resources in the answer.
    let items: ValueExpression
}

/// When an operation that goes on after its answer is over.
struct Wait: Sendable {
    /// Nil for a deletion: until the resource is gone.
    let until: ValueExpression?
    let failed: ValueExpression?
    let message: ValueExpression?
    let interval: Duration
    let timeout: Duration
}

/// One request with its expressions.
struct RequestTemplate: Sendable {
    struct Field: Sendable {
        let name: String
        let value: ValueExpression
    }

    enum PathPart: Sendable {
        case text(String)
        /// Its value is escaped: it is one segment of the path, whatever characters it has.
        case segment(Expression)
    }

    let method: String
    let path: [PathPart]
    let query: [Field]
    let headers: [Field]
    let body: ValueExpression?
    /// Nil: any 2xx.
    let success: Set<Int>?
    /// Statuses that say that the resource does not exist.
    let gone: Set<Int>
    let when: ValueExpression?
    let isIdempotent: Bool?
    let range: SourceRange
}
