import PlumbModel

/// How requests of an API prove who asks, as its file or the instance's settings say it: with expressions still to be
/// evaluated.
enum AuthenticationTemplate: Sendable {
    /// A header; not sent where its value is null.
    case header(name: String, value: ValueExpression)
    /// A parameter of the query; not sent where its value is null.
    case query(name: String, value: ValueExpression)
    case bearer(ValueExpression)
    case basic(user: ValueExpression, password: ValueExpression)
    case oauth2(OAuth2)
    case aws(AWS)
    case token(Token)

    /// The client credentials grant of RFC 6749.
    struct OAuth2: Sendable {
        let tokenURL: ValueExpression
        let clientID: ValueExpression
        let clientSecret: ValueExpression
        let scopes: ValueExpression?
        let audience: ValueExpression?
        /// Further parameters of the token request.
        let parameters: ValueExpression?
        /// The client's name and secret go into the form instead of a header.
        let isInForm: Bool
    }

    /// AWS's signature, version 4.
    struct AWS: Sendable {
        let service: ValueExpression
        let region: ValueExpression?
        let accessKey: ValueExpression?
        let secretKey: ValueExpression?
        let sessionToken: ValueExpression?
        let profile: ValueExpression?
        let range: SourceRange
    }

    /// A token that a request brings, which the API file describes.
    struct Token: Sendable {
        let method: String
        /// Absolute, or a path after the instance's `base_url`.
        let url: ValueExpression
        let headers: ValueExpression?
        let body: ValueExpression?
        /// Instead of `body`: as a form.
        let form: ValueExpression?
        /// Where the token stands in the answer.
        let value: ValueExpression
        /// Where its end does: a time, or a number of seconds.
        let expires: ValueExpression?
        let header: String
        let prefix: String
    }
}
