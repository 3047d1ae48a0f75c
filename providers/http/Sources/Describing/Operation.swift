import PlumbModel

/// How one resource is found.
struct ReadOperation: Sendable {
    let steps: [RequestStep]
    /// Where the resource stands in the last answer; nil: it is the body.
    let live: ValueExpression?
    /// Where several stand in the answer, of which one is meant.
    let items: ItemRule?
}

/// Where resources stand in an answer of many, and how they are told apart.
struct ItemRule: Sendable {
    let items: ValueExpression
    let page: Paging?
    /// Attributes; empty where all items together are meant.
    let match: [String]
}

/// One request, with its pages, for many resources.
struct ListOperation: Sendable {
    let request: RequestTemplate
    let items: ItemRule
    /// Its items lack attributes.
    let isPartial: Bool
}

/// One request for the resources that it names.
struct BatchOperation: Sendable {
    let request: RequestTemplate
    let items: ItemRule
    /// The most resources that one request may name.
    let size: Int
}

/// What is asked of the server to change one resource.
struct ChangeOperation: Sendable {
    let steps: [RequestStep]
    /// Where the resource stands in the last step's answer; nil means that it is read back.
    let live: ValueExpression?
    /// Attributes that the last answer tells.
    let set: [RequestTemplate.Field]
    let refusesExisting: Bool
    let wait: Wait?
    /// Statuses after which all steps are done again.
    let againOn: Set<Int>
}

/// One of an operation's requests.
struct RequestStep: Sendable {
    let request: RequestTemplate
    /// `answer.NAME` in what follows.
    let name: String?
    /// What is not there is no part of the resource.
    let isOptional: Bool
    let wait: Wait?
}

/// When an operation that goes on after its answer is over.
struct Wait: Sendable {
    /// What is asked instead of reading the resource.
    let poll: RequestTemplate?
    let condition: ValueExpression?
    /// Nil for a deletion: until the resource is gone.
    let until: ValueExpression?
    let failed: ValueExpression?
    let message: ValueExpression?
    /// Attributes that the last answer of `poll` tells.
    let set: [RequestTemplate.Field]
    let interval: Duration
    let longestInterval: Duration
    let timeout: Duration
}

/// How the next page of a list is asked for.
struct Paging: Sendable {
    enum Style: Sendable {
        case number(parameter: String, first: Int)
        case offset(parameter: String)
        case cursor(parameter: String, from: ValueExpression)
        /// The relation in the header `Link`.
        case link(String)
        case url(ValueExpression)
    }

    let style: Style
    let sizeParameter: String?
    /// Resources a page, where the file asks for a number.
    let size: Int?
    let total: ValueExpression?
    let more: ValueExpression?
    /// The most pages.
    let limit: Int
}

/// One request with its expressions.
struct RequestTemplate: Sendable {
    struct Field: Sendable {
        let name: String
        let value: ValueExpression
    }

    enum Target: Sendable {
        case path([PathPart])
        /// A URL that the server gave.
        case address(Expression)
    }

    enum PathPart: Sendable {
        case text(String)
        /// Its value is escaped: it is one segment of the path, or several if it is a list, whatever characters it has.
        case segment(Expression)
    }

    enum Body: Sendable {
        case json(ValueExpression)
        case form(ValueExpression)
        case xml(ValueExpression)
        case text(ValueExpression)
        /// What differs from before, as a merge patch, joined with what is always sent.
        case changes(ValueExpression, always: ValueExpression?)
        case jsonPatch(ValueExpression)
    }

    let method: String
    let target: Target
    let query: ValueExpression?
    let headers: [Field]
    let body: Body?
    /// Nil: any 2xx.
    let success: Set<Int>?
    /// Statuses that say that the resource does not exist.
    let gone: Set<Int>
    let when: ValueExpression?
    /// Nil: always. Otherwise where one of these attributes changes.
    let attributes: [String]?
    /// Nil: it is sent once. Otherwise once for each element of this list.
    let each: ValueExpression?
    let isIdempotent: Bool?
    let idempotencyHeader: String?
    /// The header that takes the SHA-256 of the body, in base64.
    let checksumHeader: String?
    let timeout: Duration?
    let range: SourceRange
}
