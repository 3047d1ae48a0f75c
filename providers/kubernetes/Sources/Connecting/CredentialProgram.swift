import HTTPTransport
import PlumbModel
import ProviderAPI
import Subprocess
import SystemPackage

/// A program that a kubeconfig names under `exec`, which tells a token or a certificate (`client.authentication.k8s.io`).
struct CredentialProgram: Sendable {
    let command: String
    let arguments: [String]
    let variables: [(name: String, value: String)]
    let apiVersion: String
    let installHint: String?
    /// What it is told of the cluster; null where it is told nothing.
    let cluster: Value
    let origin: String

    private static let versions = ["client.authentication.k8s.io/v1", "client.authentication.k8s.io/v1beta1"]

    init(_ entry: Kubeconfig.Entry, cluster: Kubeconfig.Entry, origin: String) throws(ProviderError) {
        self.origin = origin
        guard let command = entry.text("command") else {
            throw ProviderError(.invalid, "\(origin): `exec` of its user names no `command`.")
        }
        guard let apiVersion = entry.text("apiVersion"), Self.versions.contains(apiVersion) else {
            throw ProviderError(
                .invalid,
                "\(origin): `exec` of its user has the apiVersion \"\(entry.text("apiVersion") ?? "")\", but only "
                    + "\(Self.versions.joined(separator: " and ")) are known. Update the program and the kubeconfig.")
        }
        if entry.text("interactiveMode") == "Always" {
            throw ProviderError(
                .invalid,
                "\(origin): the program \"\(command)\" wants to talk to a person (`interactiveMode: Always`), which is not "
                    + "possible here. Use one that does not, or give a token.")
        }
        // A name is searched in PATH; a path starts from the kubeconfig's folder.
        self.command = command.contains("/") && !command.hasPrefix("/") ? "\(entry.folder)/\(command)" : command
        arguments = (entry.value[key: "args"]?.asList ?? []).compactMap(\.asString)
        variables = (entry.value[key: "env"]?.asList ?? []).compactMap { item in
            item[key: "name"]?.asString.map { ($0, item[key: "value"]?.asString ?? "") }
        }
        self.apiVersion = apiVersion
        installHint = entry.text("installHint")
        self.cluster = entry.flag("provideClusterInfo") ? Self.description(of: cluster) : .null
    }

    private static func description(of cluster: Kubeconfig.Entry) -> Value {
        let keys = [
            "server", "tls-server-name", "insecure-skip-tls-verify", "certificate-authority-data", "proxy-url",
        ]
        var map = ValueMap(keys.compactMap { key in cluster.value[key: key].map { (key, $0) } })
        for item in cluster.value[key: "extensions"]?.asList ?? []
        where item[key: "name"]?.asString == "client.authentication.k8s.io/exec" {
            map["config"] = item[key: "extension"] ?? .null
        }
        return .object(map)
    }

    /// What the program has told.
    struct Credential: Sendable {
        let token: String?
        let certificate: String?
        let key: String?
        /// Seconds since 1970; nil: until it is refused.
        let expires: Int?
    }

    /// - Parameter patience: how long it may take: one that waits for a person would wait for ever.
    func run(within patience: Duration) async throws(ProviderError) -> Credential {
        let output = try await outputText(within: patience)
        let answer: Value
        do {
            answer = try Value(json: output)
        } catch {
            throw problem("printed no JSON (\(error.message))")
        }
        guard answer[key: "kind"]?.asString == "ExecCredential", answer[key: "apiVersion"]?.asString == apiVersion
        else {
            throw problem(
                "answered with \(answer[key: "apiVersion"]?.json ?? "nothing") \(answer[key: "kind"]?.json ?? ""), not "
                    + "with an ExecCredential of \(apiVersion)")
        }
        let status = answer[key: "status"] ?? .null
        func text(_ key: String) -> String? { status[key: key]?.asString.flatMap { $0.isEmpty ? nil : $0 } }
        let expires = text("expirationTimestamp")
        let moment = expires.flatMap(Timestamp.seconds)
        if let expires, moment == nil { throw problem("told the expiration \"\(expires)\", which is no time") }
        let credential = Credential(
            token: text("token"), certificate: text("clientCertificateData"), key: text("clientKeyData"),
            expires: moment)
        guard (credential.certificate == nil) == (credential.key == nil),
            credential.token != nil || credential.certificate != nil
        else { throw problem("told neither a token nor a certificate with its key") }
        return credential
    }

    private func outputText(within patience: Duration) async throws(ProviderError) -> String {
        let running = Task { () -> Result<String, ProviderError> in
            do throws(ProviderError) {
                return .success(try await outputText())
            } catch {
                return .failure(error)
            }
        }
        let clock = Task {
            try await Task.sleep(for: patience)
            // Its program is ended with the task.
            running.cancel()
        }
        let result = await withTaskCancellationHandler {
            await running.value
        } onCancel: {
            running.cancel()
        }
        clock.cancel()
        if running.isCancelled, !Task.isCancelled, case .failure = result {
            throw problem(
                "did not answer within \(patience.components.seconds) s. If it waits for a person, log in by hand first; if it "
                    + "is slow, raise `timeout` of the provider")
        }
        return try result.get()
    }

    private func outputText() async throws(ProviderError) -> String {
        let spec: Value = .object(
            ValueMap([("interactive", Value.bool(false))] + (cluster.isNull ? [] : [("cluster", cluster)])))
        let info: Value = ["apiVersion": .string(apiVersion), "kind": "ExecCredential", "spec": spec]
        var changes: [Environment.Key: String?] = ["KUBERNETES_EXEC_INFO": info.json]
        for (name, value) in variables { changes[Environment.Key(stringLiteral: name)] = .some(value) }
        let executable: Executable = command.hasPrefix("/") ? .path(FilePath(command)) : .name(command)
        do {
            let result = try await Subprocess.run(
                executable, arguments: Arguments(arguments), environment: .inherit.updating(changes), input: .none,
                output: .string(limit: 1 << 20), error: .string(limit: 1 << 20))
            guard result.terminationStatus.isSuccess else {
                let words = result.standardError.split(whereSeparator: \.isNewline).suffix(5)
                throw problem("failed (\(result.terminationStatus)): \(words.joined(separator: " "))")
            }
            return result.standardOutput
        } catch let error as ProviderError {
            throw error
        } catch {
            if Task.isCancelled { throw ProviderError(.cancelled, "\(origin): asking \(command) was cancelled.") }
            let hint = installHint.map { " " + $0.split(whereSeparator: \.isNewline).joined(separator: " ") } ?? ""
            var words = "\(error)"
            while words.hasSuffix(".") { words.removeLast() }
            throw problem("cannot be run: \(words)", hint: hint)
        }
    }

    private func problem(_ what: String, hint: String = "") -> ProviderError {
        ProviderError(
            .unauthorized, "\(origin): the program \"\(command)\", which is to tell credentials, \(what).\(hint)")
    }
}
