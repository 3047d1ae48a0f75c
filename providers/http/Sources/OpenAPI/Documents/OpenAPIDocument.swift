import PlumbModel

/// An OpenAPI document as far as resources can be found in it.
struct OpenAPIDocument {
    let title: String
    let summary: String
    let documentation: String?
    /// The first server's; nil where the document names none. Begins with "/" where it names a path alone.
    let baseURL: String?
    /// In the document's order.
    let operations: [OpenAPIOperation]
    let security: [SecurityScheme]
    /// Answers that refuse, of all operations, as far as they have a schema.
    let refusals: [SchemaShape]
}

/// One way of saying who asks.
struct SecurityScheme: Equatable {
    enum Kind: Equatable {
        /// With what stands before the key, such as `Token `.
        case header(String, prefix: String)
        case query(String)
        case cookie(String)
        case bearer
        case basic
        case clientCredentials(tokenURL: String, scopes: [String])
        case mutualTLS
        /// OpenID Connect, other OAuth2 flows, HTTP schemes that nobody has written: what it says of itself.
        case other(String)
    }

    let name: String
    let kind: Kind
    /// How many operations ask for it.
    var uses: Int
}

/// A method of a path, in the words of OpenAPI 3 whatever the version.
struct OpenAPIOperation {
    enum Place: String { case path, query, header, cookie }

    struct Parameter {
        let name: String
        let place: Place
        let isRequired: Bool
        let shape: SchemaShape
        let summary: String
        /// Serialised by the document's author as the name of a property (`x-speakeasy-match`).
        let identity: String?
        /// The largest number that may be given.
        let maximum: Int?
        /// The smallest.
        let minimum: Int?

        init(
            name: String, place: Place, isRequired: Bool, shape: SchemaShape, summary: String, identity: String?,
            maximum: Int?, minimum: Int? = nil
        ) {
            self.name = name
            self.place = place
            self.isRequired = isRequired
            self.shape = shape
            self.summary = summary
            self.identity = identity
            self.maximum = maximum
            self.minimum = minimum
        }

        /// A field of a body, which takes the place of a parameter in `POST /things/search`.
        init(name: String, shape: SchemaShape) {
            self.init(
                name: name, place: .query, isRequired: false, shape: shape, summary: shape.summary, identity: nil,
                maximum: nil)
        }
    }

    struct Body {
        enum Encoding { case json, form, other }

        let encoding: Encoding
        let mediaType: String
        let isRequired: Bool
        let shape: SchemaShape
    }

    struct Answer {
        /// Nil for `2XX`.
        let status: Int?
        let mediaType: String?
        /// Nil where there is no body.
        let shape: SchemaShape?
        /// In lower case.
        let headers: Set<String>
        /// Path parameters of other operations and where this answer tells them (`links`): `$response.body#/id`.
        let links: [String: String]
    }

    let method: String
    let path: PathTemplate
    let id: String
    let summary: String
    let isDeprecated: Bool
    let parameters: [Parameter]
    let body: Body?
    /// Those that say that all is well, by status.
    let answers: [Answer]

    func parameters(in place: Place) -> [Parameter] { parameters.filter { $0.place == place } }

    /// The answer's body that a success brings.
    var answered: SchemaShape? { answers.lazy.compactMap(\.shape).first }

    /// Only says that it has been taken up.
    var isAsynchronous: Bool {
        !answers.isEmpty && answers.allSatisfy { $0.status == 202 }
    }

    var mayBeAsynchronous: Bool { answers.contains { $0.status == 202 } }

    var answersWithoutBody: Bool { !answers.isEmpty && answers.allSatisfy { $0.shape == nil } }

    /// Whether nothing is said of what an answer holds, or that there is one: many documents leave that out.
    var isUndocumented: Bool {
        answers.allSatisfy { answer in
            guard let kind = answer.shape?.kind else { return answer.status != 204 }
            if case .any = kind { return true } else { return false }
        }
    }

    /// For people: `POST /disks`.
    var phrase: String { "\(method.uppercased()) \(path.text)" }
}
