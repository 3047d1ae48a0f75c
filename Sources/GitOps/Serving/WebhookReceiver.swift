internal import HTTPTypes
internal import Logging
internal import PlumbModel
internal import Reconciling
internal import StateBackendAPI

/// Hears from forges that repositories have changed. What is not proven wakes nothing.
struct WebhookReceiver: Sendable {
    /// Bytes of a body.
    static let longestBody = 1 << 20

    let plane: any ControlPlane
    let authenticator: Authenticator
    let memory: DeliveryMemory
    let counts: ServerCounts
    let logger: Logger

    func receive(_ forge: WebhookSecret.Forge, _ call: Call) async throws(Problem) -> Answer {
        call.trace.note { facts in
            facts.action = "webhook"
            facts.actor = forge.rawValue
        }
        do throws(Problem) {
            return try await attempt(forge, call)
        } catch {
            counts.countWebhook(forge, WebhookReceiver.result(of: error))
            throw error
        }
    }

    private func attempt(_ forge: WebhookSecret.Forge, _ call: Call) async throws(Problem) -> Answer {
        let secrets = authenticator.access.webhooks
        guard secrets.contains(where: { $0.forge == forge }) else {
            throw .unauthorizedWebhook("The controller's configuration has no webhook secret for \(forge.rawValue).")
        }
        try call.requireJSON()
        let body = try await call.body(upTo: WebhookReceiver.longestBody)
        let delivery = WebhookDelivery(forge, call.headers, body)
        guard delivery.isSigned else {
            throw .unauthorizedWebhook("It is not signed. Set the webhook's secret in \(forge.rawValue).")
        }
        guard delivery.isProven(by: secrets) else {
            throw .unauthorizedWebhook(
                "Its signature is not made with the secret that the controller's configuration has for \(forge.rawValue)."
            )
        }
        guard let meaning = delivery.meaning() else { throw .malformed("The body is no JSON object.") }
        switch meaning {
        case .ping:
            counts.countWebhook(forge, "ping")
            return .json(["message": "pong"])
        case .other:
            counts.countWebhook(forge, "ignored")
            return .json(["message": .string("Nothing is done for the event \"\(delivery.event)\".")], .accepted)
        case .push(let urls): return try await wake(urls, nil, delivery, call)
        case .pullRequest(let number, let urls): return try await wake(urls, number, delivery, call)
        }
    }

    /// - Parameter number: of the pull request that is meant; nil: the repository itself.
    private func wake(
        _ urls: [String], _ number: Int?, _ delivery: WebhookDelivery, _ call: Call
    ) async throws(Problem) -> Answer {
        guard !urls.isEmpty else { throw .unprocessable("The body does not name a repository's URLs.") }
        let isNew: Bool
        do throws(StateBackendError) {
            isNew = try await memory.remember(delivery, now: call.now)
        } catch {
            throw Problem(.serviceUnavailable, "The webhook cannot be taken on", error.message)
        }
        guard isNew else {
            throw Problem(.conflict, "Replayed webhook", "This delivery was taken on before; nothing was done.")
        }
        let repositories =
            if let number { await plane.pullRequestChanged(number, in: urls) } else {
                await plane.repositoryChanged(urls)
            }
        counts.countWebhook(delivery.forge, repositories.isEmpty ? "unknown_repository" : "accepted")
        logger.info(
            "webhook",
            metadata: ["forge": "\(delivery.forge.rawValue)", "repositories": "\(repositories.joined(separator: " "))"])
        guard !repositories.isEmpty else {
            return .json(
                [
                    "message": .string(
                        "No repository of the controller's configuration\(number == nil ? "" : " that looks at pull requests") has "
                            + "one of the URLs \(urls.joined(separator: ", "))."), "repositories": [],
                ], .accepted)
        }
        return .json(
            ["message": "They are looked at.", "repositories": .tuple(repositories.map(Value.string))], .accepted)
    }

    /// As the metric has it.
    private static func result(of problem: Problem) -> String {
        switch problem.status {
        case .forbidden: "unproven"
        case .conflict: "replayed"
        case .contentTooLarge: "oversized"
        case .serviceUnavailable: "failed"
        default: "malformed"
        }
    }
}

extension Problem {
    fileprivate static func unauthorizedWebhook(_ detail: String) -> Problem {
        Problem(.forbidden, "The webhook is not proven", detail)
    }
}
