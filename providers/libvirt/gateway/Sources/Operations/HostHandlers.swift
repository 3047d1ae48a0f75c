import HTTPTypes

extension Gateway {
    /// The gateway itself, its host, tasks and events.
    var hostHandlers: [String: Responder.Handler] {
        [
            "describe": { (_) throws(Problem) in .bytes(contract.text, "application/json") },
            "health": { (_) throws(Problem) in
                guard link.isConnected else { throw Problem.disconnected }
                return try .json(["status": "ok", "libvirt": "connected"])
            },
            "metrics": { (_) throws(Problem) in
                let text = metrics.text(
                    isConnected: link.isConnected, listeners: hub.listenerCount, runningTasks: await tasks.runningCount)
                return .bytes(Array(text.utf8), "text/plain; version=0.0.4")
            },
            "showHost": { (_) throws(Problem) in
                try .json(try await link.run { (connection) throws(Problem) in try host.read(connection) })
            },
            "streamEvents": { (call) throws(Problem) in
                let kinds = (call.query["type"] ?? []).compactMap { Event.Kind(rawValue: $0) }
                let last = HTTPField.Name("Last-Event-ID").flatMap { call.headers[$0] }
                return EventStream.answer(hub, after: last, kinds: Set(kinds)) { [link] in link.isConnected }
            },
            "listTasks": { (_) throws(Problem) in try .json(["items": await tasks.entries]) },
            "showTask": { (call) throws(Problem) in
                guard let entry = await tasks.wait(call.parameter("id"), seconds: call.integer("wait") ?? 0) else {
                    throw Problem.missing("There is no task \(call.parameter("id")). Tasks end with the gateway.")
                }
                return try .json(entry)
            },
            "cancelTask": { (call) throws(Problem) in
                guard await tasks.cancel(call.parameter("id")) else {
                    throw Problem.missing("There is no task \(call.parameter("id")).")
                }
                return .nothing
            },
        ]
    }

    /// 202 with the task that does it.
    func accepted(_ entry: TaskBoard.Entry) throws(Problem) -> Answer {
        try .json(entry, .accepted, location: "/v1/tasks/\(entry.id)")
    }
}
