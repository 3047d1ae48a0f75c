import FoundationEssentials
import HTTPTransport
import PlumbModel
import ProviderAPI

/// Finds out where the cluster is and how to get in, as kubectl does.
struct AccessFinder {
    let settings: ClusterSettings
    let environment: [String: String]

    func find() throws(ProviderError) -> ClusterAccess {
        guard settings.isKnown else {
            throw ProviderError(
                .invalid, "Settings of the Kubernetes provider in stack.yaml wait for resources that are not there yet."
            )
        }
        if let host = settings.host { return try inline(host) }
        if let config = try KubeconfigReader(path: settings.kubeconfig, environment: environment).read() {
            return try fromContext(of: config)
        }
        if let access = try inCluster() { return access }
        throw ProviderError(
            .invalid,
            "There is no way to a cluster: no kubeconfig was found (KUBECONFIG names none that exists, and there is no "
                + "~/.kube/config), this is not inside of a cluster, and stack.yaml gives none. Set KUBECONFIG, or "
                + "`providers: {kubernetes: {kubeconfig: PATH, context: NAME}}` in stack.yaml.")
    }

    // MARK: - Given in stack.yaml

    private func inline(_ host: String) throws(ProviderError) -> ClusterAccess {
        let tls = TLSSettings(
            authorities: settings.authorities.map { .bytes(Array($0.utf8)) },
            clientCertificate: settings.clientCertificate.map { .bytes(Array($0.utf8)) },
            clientKey: settings.clientKey.map { .bytes(Array($0.utf8)) }, serverName: settings.serverName,
            verifiesServer: !settings.isInsecure)
        return ClusterAccess(
            server: try server(host.contains("://") ? host : "https://" + host, "`host` in stack.yaml"), tls: tls,
            proxy: settings.proxy.map { .server($0) } ?? .environment,
            credentials: settings.token.map { .header(.bearer($0)) } ?? .none, impersonation: .init(),
            namespace: settings.namespace ?? "default", origin: "`host` in stack.yaml")
    }

    private func server(_ url: String, _ place: String) throws(ProviderError) -> String {
        guard url.hasPrefix("https://") || url.hasPrefix("http://") else {
            throw ProviderError(.invalid, "\(place): the server \"\(url)\" must begin with https:// (or http://).")
        }
        return url.hasSuffix("/") ? String(url.dropLast()) : url
    }

    // MARK: - A kubeconfig

    private func fromContext(of config: Kubeconfig) throws(ProviderError) -> ClusterAccess {
        let files = config.files.joined(separator: ", ")
        guard let name = settings.context ?? config.currentContext else {
            throw ProviderError(
                .invalid,
                "\(files) has no current context. Set `context` of the provider in stack.yaml to one of: "
                    + "\(listed(config.contexts)); or run `kubectl config use-context NAME`.")
        }
        guard let context = config.contexts[name] else {
            throw ProviderError(
                .invalid,
                "\(files) has no context \"\(name)\".\(Suggestion.didYouMean(name, among: config.contexts.keys.sorted())) "
                    + "It has: \(listed(config.contexts)).")
        }
        let origin = "the context \"\(name)\" of \(files)"
        guard let clusterName = context.text("cluster"), let cluster = config.clusters[clusterName] else {
            throw ProviderError(
                .invalid,
                "\(origin) names the cluster \"\(context.text("cluster") ?? "")\", which is not there. It has: "
                    + "\(listed(config.clusters)).")
        }
        var user = Kubeconfig.Entry(value: .null, folder: "")
        if let userName = context.text("user") {
            guard let found = config.users[userName] else {
                throw ProviderError(
                    .invalid,
                    "\(origin) names the user \"\(userName)\", which is not there. It has: \(listed(config.users)).")
            }
            user = found
        }
        guard let url = cluster.text("server") else {
            throw ProviderError(
                .invalid, "\(origin): its cluster \"\(clusterName)\" has no `server`. Add its URL there.")
        }
        let address = try server(url, origin)
        return ClusterAccess(
            server: address, tls: try tls(cluster, user, origin), proxy: try proxy(cluster, origin),
            credentials: try credentials(user, cluster, origin), impersonation: try impersonation(user, origin),
            namespace: settings.namespace ?? context.text("namespace") ?? "default", origin: origin)
    }

    private func listed(_ entries: [String: Kubeconfig.Entry]) -> String {
        entries.isEmpty ? "none" : entries.keys.sorted().joined(separator: ", ")
    }

    private func proxy(_ cluster: Kubeconfig.Entry, _ origin: String) throws(ProviderError) -> ProxySettings {
        guard let url = cluster.text("proxy-url") else { return .environment }
        let schemes = ["http://", "https://", "socks5://", "socks5h://"]
        guard schemes.contains(where: url.hasPrefix), !url.contains(where: \.isWhitespace) else {
            throw ProviderError(
                .invalid,
                "\(origin): `proxy-url` is \"\(url)\", but it must begin with one of \(schemes.joined(separator: ", "))."
            )
        }
        return .server(url)
    }

    private func tls(
        _ cluster: Kubeconfig.Entry, _ user: Kubeconfig.Entry, _ origin: String
    ) throws(ProviderError) -> TLSSettings {
        let flag = cluster.value[key: "insecure-skip-tls-verify"] ?? .null
        guard flag.isNull || flag.asBool != nil else {
            throw ProviderError(
                .invalid,
                "\(origin): `insecure-skip-tls-verify` is true or false, without quotes, and not \(flag.json).")
        }
        let isInsecure = flag.asBool ?? false
        let authorities = try pem(cluster, "certificate-authority", origin)
        if isInsecure, authorities != nil {
            throw ProviderError(
                .invalid,
                "\(origin) says `insecure-skip-tls-verify` and gives a certificate authority: the one denies the other. "
                    + "Remove one of them.")
        }
        let certificate = try pem(user, "client-certificate", origin)
        let key = try pem(user, "client-key", origin)
        guard (certificate == nil) == (key == nil) else {
            throw ProviderError(
                .invalid, "\(origin): its user has a client certificate without a key, or a key without a certificate.")
        }
        return TLSSettings(
            authorities: authorities, clientCertificate: certificate, clientKey: key,
            serverName: cluster.text("tls-server-name"), verifiesServer: !isInsecure)
    }

    /// From `KEY-data` in base64, or from the file that `KEY` names.
    private func pem(_ entry: Kubeconfig.Entry, _ key: String, _ origin: String) throws(ProviderError) -> PEMSource? {
        if let text = entry.text("\(key)-data") {
            guard let data = Data(base64Encoded: text.filter { !$0.isWhitespace }) else {
                throw ProviderError(
                    .invalid, "\(origin): `\(key)-data` is no base64. Write the output of `base64 -w0 FILE` there.")
            }
            return try checked(Array(data), "`\(key)-data`", origin)
        }
        guard let path = entry.path(key) else { return nil }
        guard let bytes = try KubeconfigReader.contents(of: path) else {
            throw ProviderError(.invalid, "\(origin): `\(key)` names \"\(path)\", which does not exist.")
        }
        return try checked(bytes, "\"\(path)\", which `\(key)` names,", origin)
    }

    private func checked(_ bytes: [UInt8], _ place: String, _ origin: String) throws(ProviderError) -> PEMSource {
        if String(decoding: bytes, as: UTF8.self).contains("-----BEGIN ") { return .bytes(bytes) }
        throw ProviderError(
            .invalid, "\(origin): \(place) holds no PEM text: there is no line that starts with -----BEGIN.")
    }

    private func credentials(
        _ user: Kubeconfig.Entry, _ cluster: Kubeconfig.Entry, _ origin: String
    ) throws(ProviderError) -> ClusterAccess.Credentials {
        if let path = user.path("tokenFile") { return .tokenFile(path) }
        if let token = user.text("token") { return .header(.bearer(token)) }
        if let name = user.text("username"), let password = user.text("password") {
            return .header(.basic(user: name, password: password))
        }
        if let plugin = user.value[key: "exec"], !plugin.isNull {
            return .program(
                try CredentialProgram(.init(value: plugin, folder: user.folder), cluster: cluster, origin: origin))
        }
        if let old = user.value[key: "auth-provider"], !old.isNull {
            throw ProviderError(
                .invalid,
                "\(origin): its user has an `auth-provider`, which Kubernetes has removed in 1.26. Let your cloud's tool "
                    + "write the kubeconfig anew: it names a program under `exec` then.")
        }
        return .none
    }

    private func impersonation(
        _ user: Kubeconfig.Entry, _ origin: String
    ) throws(ProviderError) -> ClusterAccess.Impersonation {
        var impersonation = ClusterAccess.Impersonation()
        impersonation.user = user.text("as")
        impersonation.uid = user.text("as-uid")
        impersonation.groups = (user.value[key: "as-groups"]?.asList ?? []).compactMap(\.asString)
        impersonation.extra = (user.value[key: "as-user-extra"]?.asMap ?? ValueMap()).map { entry in
            (entry.key, (entry.value.asList ?? []).compactMap(\.asString))
        }
        guard impersonation.user != nil || impersonation.headers.isEmpty else {
            throw ProviderError(
                .invalid,
                "\(origin): its user has `as-uid`, `as-groups` or `as-user-extra` without `as`: nobody can be in a group who "
                    + "is nobody. Give the user to act as, or remove them.")
        }
        return impersonation
    }

    // MARK: - Inside of a cluster

    private static let accountFolder = "/var/run/secrets/kubernetes.io/serviceaccount"

    private func inCluster() throws(ProviderError) -> ClusterAccess? {
        guard settings.context == nil, let host = environment["KUBERNETES_SERVICE_HOST"],
            let port = environment["KUBERNETES_SERVICE_PORT"]
        else { return nil }
        let folder = environment["PLUMB_SERVICE_ACCOUNT_FOLDER"] ?? Self.accountFolder
        guard try KubeconfigReader.contents(of: "\(folder)/token") != nil else {
            throw ProviderError(
                .invalid,
                "This is inside of a cluster (KUBERNETES_SERVICE_HOST is set), but \(folder)/token is not there. Let the "
                    + "pod mount its service account's token, or give a kubeconfig.")
        }
        let authorities = try KubeconfigReader.contents(of: "\(folder)/ca.crt")
        let namespace = try KubeconfigReader.contents(of: "\(folder)/namespace").map {
            String(decoding: $0, as: UTF8.self).filter { !$0.isWhitespace }
        }
        return ClusterAccess(
            server: "https://\(host.contains(":") ? "[\(host)]" : host):\(port)",
            tls: TLSSettings(authorities: authorities.map { .bytes($0) }), proxy: .environment,
            credentials: .tokenFile("\(folder)/token"), impersonation: .init(),
            namespace: settings.namespace ?? namespace ?? "default", origin: "the pod's service account")
    }
}
