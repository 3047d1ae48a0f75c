import HTTPTransport
import PlumbModel

/// Where a cluster is, and how to prove to it who asks.
struct ClusterAccess: Sendable {
    /// Proof that each request carries.
    enum Credentials: Sendable {
        /// The client certificate, or nothing.
        case none
        case header(HeaderAuthenticator)
        /// A token that is read again from time to time: whoever keeps it there replaces it.
        case tokenFile(String)
        case program(CredentialProgram)
    }

    /// Whom to act as.
    struct Impersonation: Sendable {
        var user: String?
        var uid: String?
        var groups: [String] = []
        var extra: [(key: String, values: [String])] = []

        var headers: [(String, String)] {
            var headers: [(String, String)] = []
            if let user { headers.append(("Impersonate-User", user)) }
            if let uid { headers.append(("Impersonate-Uid", uid)) }
            headers += groups.map { ("Impersonate-Group", $0) }
            for (key, values) in extra {
                headers += values.map { ("Impersonate-Extra-\(URLText.escaped(key))", $0) }
            }
            return headers
        }
    }

    /// Without a slash at its end.
    let server: String
    var tls: TLSSettings
    var proxy: ProxySettings
    var credentials: Credentials
    var impersonation: Impersonation
    /// Where objects go whose manifest names no namespace.
    let namespace: String
    /// For messages: `the context "prod" of /home/me/.kube/config`.
    let origin: String
}
