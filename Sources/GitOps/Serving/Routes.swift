internal import HTTPTypes
internal import PlumbModel
internal import Reconciling
internal import StateBackendAPI

/// All that the server answers.
struct Routes: Sendable {
    let plane: any ControlPlane
    let store: any ControllerStore
    let feed: EventFeed
    let webhooks: WebhookReceiver
    let page: Page
    let measurements: @Sendable () -> [Measurement]
    let authenticator: Authenticator

    var all: [Route] { health + stacks + actions + forges }

    private var health: [Route] {
        let page = page
        return [
            Route("page", .get, "/", .everybody) { (call) throws(Problem) in try await page.answer(call) },
            Route("describe", .get, "/openapi.json", .everybody) { (_) throws(Problem) in
                Answer(.ok, "application/json", PackageResources.openapi_json)
            },
            Route("isAlive", .get, "/healthz", .everybody) { (_) throws(Problem) in .text("ok\n", "text/plain") },
            Route("isReady", .get, "/readyz", .everybody) { [plane, authenticator] (call) throws(Problem) in
                guard let reason = await plane.impediment() else { return .text("ok\n", "text/plain") }
                // What it is, is for those who may know.
                let isKnown = (try? authenticator.authenticate(call.headers[.authorization], now: call.now)) != nil
                return .text("not ready\(isKnown ? ": \(reason)" : "")\n", "text/plain", .serviceUnavailable)
            },
            Route("metrics", .get, "/metrics", .metrics) { [plane, measurements] (_) throws(Problem) in
                let all = await plane.measurements() + measurements()
                return .text(MetricsText.write(all), MetricsText.type)
            },
        ]
    }

    private var stacks: [Route] {
        let handlers = StackHandlers(plane: plane, store: store, feed: feed)
        let stack = "/api/v1/stacks/{stack}"
        return [
            Route("whoAmI", .get, "/api/v1/me", .role(.viewer)) { (call) throws(Problem) in
                guard let token = call.caller?.token else { preconditionFailure("it is for tokens") }
                return .json([
                    "name": .string(token.name), "role": .string(token.role.rawValue),
                    "all_stacks": .bool(token.stacks == nil),
                    "expires_at": token.expiresAt.map { .string(InstantText.iso($0)) } ?? .null,
                ])
            },
            Route("listStacks", .get, "/api/v1/stacks", .role(.viewer), handlers.list),
            Route("showStack", .get, stack, .role(.viewer), handlers.show),
            Route("listRuns", .get, stack + "/runs", .role(.viewer), query: ["limit"], handlers.runs),
            Route("showPlan", .get, stack + "/plan", .role(.viewer), handlers.plan),
            Route("listDrift", .get, stack + "/drift", .role(.viewer), handlers.drift),
            Route("listResources", .get, stack + "/resources", .role(.viewer), handlers.resources),
            Route(
                "listEvents", .get, "/api/v1/events", .role(.viewer), query: ["stack", "after", "limit"],
                handlers.events),
            Route(
                "listAudit", .get, "/api/v1/audit", .role(.admin), query: ["stack", "after", "limit"], handlers.audit),
        ]
    }

    private var actions: [Route] {
        let handler = ActionHandler(
            plane: plane, stacks: StackHandlers(plane: plane, store: store, feed: feed))
        let stack = "/api/v1/stacks/{stack}"
        return [
            Route("sync", .post, stack + "/sync", .role(.operator), handler.sync),
            Route("checkDrift", .post, stack + "/check-drift", .role(.operator), handler.checkDrift),
            Route("suspend", .post, stack + "/suspend", .role(.operator), handler.suspend),
            Route("resume", .post, stack + "/resume", .role(.operator), handler.resume),
            Route("approve", .post, stack + "/approve", .role(.admin), handler.approve),
            Route("rollback", .post, stack + "/rollback", .role(.admin), handler.rollback),
        ]
    }

    private var forges: [Route] {
        WebhookSecret.Forge.allCases.map { forge in
            let name = forge.rawValue
            return Route("webhook-\(name)", .post, "/webhooks/\(name)", .everybody) {
                [webhooks] (call) throws(Problem) in
                try await webhooks.receive(forge, call)
            }
        }
    }
}
