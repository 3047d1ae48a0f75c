internal import HTTPTransport
public import PlumbModel

/// Asks a running controller for something, by its API.
public struct ControllerClient: Sendable {
    private let base: String
    private let place: String
    private let token: String
    private let client: HTTPClient

    /// - Parameters:
    ///   - place: `https://plumb.example.org`, or `unix:/run/plumb/api.sock` for one of this machine.
    ///   - token: of its configuration; it goes nowhere in the clear but on this machine.
    public init(_ place: String, token: String) throws(Diagnostics) {
        self.place = place
        self.token = token
        if let path = place.afterPrefix("unix:"), !path.isEmpty {
            base = "http://plumb"
            client = HTTPClient(.init(unixSocket: path, retry: .none))
            return
        }
        base = place.hasSuffix("/") ? String(place.dropLast()) : place
        client = HTTPClient(.init(retry: .none))
        if base.hasPrefix("https://"), base.count > "https://".count { return }
        let host = base.afterPrefix("http://")?.prefix { !"/:?#@".contains($0) } ?? ""
        guard ["localhost", "127.0.0.1"].contains(host) else {
            throw Diagnostics(
                .error(
                    "Address of the controller cannot be used",
                    "\"\(place)\" is no address of a controller. It is such as https://plumb.example.org, or "
                        + "unix:/run/plumb/api.sock; without TLS the token would go over the network in the clear."))
        }
    }

    /// Sets a stack back to the revision before, and keeps the newest off until a newer one comes. The controller does it
    /// afterwards.
    public func rollBack(_ stack: String, reason: String) async throws(Diagnostics) {
        try await perform("rollback", stack, ["reason": .string(reason)])
    }

    public func close() async { await client.close() }

    private func perform(_ action: String, _ stack: String, _ body: Value) async throws(Diagnostics) {
        var request = HTTPRequest(
            "POST", "\(base)/api/v1/stacks/\(URLText.escaped(stack))/\(action)",
            headers: ["Content-Type": "application/json", "Authorization": "Bearer \(token)"],
            body: Array(body.json.utf8), timeout: .seconds(30), maximumResponseBytes: 1 << 20)
        request.secrets = [token]
        let response: HTTPResponse
        do throws(HTTPError) {
            response = try await client.send(request)
        } catch {
            throw Diagnostics(
                .error("Controller cannot be reached", "The controller at \(place) did not answer: \(error.message)"))
        }
        guard response.status != 202 else { return }
        let problem = try? Value(json: response.body)
        let detail = problem?[key: "detail"]?.asString ?? "It answered \(response.status)."
        throw Diagnostics(.error("Controller refuses", "The controller at \(place) refuses: \(detail)"))
    }
}

extension String {
    fileprivate func afterPrefix(_ prefix: String) -> String? {
        hasPrefix(prefix) ? String(dropFirst(prefix.count)) : nil
    }
}
