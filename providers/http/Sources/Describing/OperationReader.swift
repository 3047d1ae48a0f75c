import Expressions
import PlumbModel

/// Reads one operation of a type: a request, or several as `steps`.
struct OperationReader {
    private static let methods = ["get", "post", "put", "patch", "delete"]
    private static let requestKeys = methods + ["query", "headers", "body", "success", "gone", "when", "idempotent"]
    private static let operationKeys = ["steps", "live", "refuse_existing", "wait"]

    private let what: String
    private let kind: String
    private let names: NameCheck
    private var section: SectionReader

    var problems: Diagnostics { section.problems }

    init(_ node: SpecificationNode, _ kind: String, of type: String, _ names: NameCheck) {
        self.kind = kind
        self.names = names
        what = "\(kind) of \(type)"
        let own = kind == "list" ? ["items"] : OperationReader.operationKeys
        section = SectionReader(node, what, keys: OperationReader.requestKeys + own)
    }

    /// Nil only if problems were found.
    mutating func read() -> Operation? {
        let steps = readSteps()
        let live = section.expression("live", names.with(.response))
        let refusesExisting = section.flag("refuse_existing") ?? false
        let wait = readWait()
        guard !steps.isEmpty else { return nil }
        return Operation(steps: steps, live: live, refusesExisting: refusesExisting, wait: wait)
    }

    mutating func readList() -> ListOperation? {
        let request = request(&section)
        if section.node["items"] == nil {
            section.report(
                "Missing key", "\(what) must say where the resources stand in the answer: items.",
                at: section.node.range.firstLine)
        }
        let items = section.expression("items", names.with(.response))
        guard let request, let items else { return nil }
        return ListOperation(request: request, items: items)
    }

    private mutating func readSteps() -> [RequestTemplate] {
        guard let node = section.node["steps"] else { return request(&section).map { [$0] } ?? [] }
        let nodes = node.sequence ?? []
        if nodes.isEmpty {
            section.report("Wrong kind of value", "\(what): steps must be a list of requests.", at: node.range)
        }
        return nodes.compactMap { node in
            var step = SectionReader(node, "a step of \(what)", keys: OperationReader.requestKeys)
            defer { section.adopt(step.problems) }
            return request(&step)
        }
    }

    private func request(_ section: inout SectionReader) -> RequestTemplate? {
        let given = section.entries.filter { OperationReader.methods.contains($0.key) }
        guard given.count == 1, let line = given.first else {
            section.report(
                "Invalid request", "\(what) must have one method with its path, as in get: /zones/${self.id}.",
                at: section.node.range.firstLine)
            return nil
        }
        let path = path(line.value, &section)
        let readsOnly = ["read", "lookup", "list", "delete"].contains(kind)
        return RequestTemplate(
            method: line.key.uppercased(), path: path, query: section.fields("query", names),
            headers: section.fields("headers", names), body: section.expression("body", names),
            success: section.statuses("success"), gone: section.statuses("gone") ?? (readsOnly ? [404] : []),
            when: section.expression("when", names), isIdempotent: section.flag("idempotent"), range: line.value.range)
    }

    private func path(_ node: SpecificationNode, _ section: inout SectionReader) -> [RequestTemplate.PathPart] {
        guard let scalar = node.scalar, scalar.isString, scalar.text.hasPrefix("/") else {
            section.report("Invalid path", "\(what): a path is a string that begins with \"/\".", at: node.range)
            return []
        }
        switch section.expression(node, names) {
        case .constant(let value, _): return [.text(value.asString ?? "")]
        case .expression(let expression):
            guard case .template(let parts) = expression.kind else { return [.segment(expression)] }
            return parts.compactMap { part in
                switch part {
                case .text(let text): return .text(text)
                case .interpolation(let expression): return .segment(expression)
                case .conditional, .loop:
                    section.report(
                        "Invalid path", "\(what): a path may hold text and ${...}, no %{...}.", at: node.range)
                    return nil
                }
            }
        default: return []
        }
    }

    private mutating func readWait() -> Wait? {
        guard let node = section.node["wait"] else { return nil }
        var wait = SectionReader(
            node, "wait of \(what)", keys: ["until", "failed", "message", "interval", "timeout"])
        let live = names.with(.live)
        let until = wait.expression("until", live)
        if until == nil, kind != "delete" {
            wait.report("Missing key", "wait of \(what) must say until when.", at: node.range.firstLine)
        }
        defer { section.adopt(wait.problems) }
        return Wait(
            until: until, failed: wait.expression("failed", live), message: wait.expression("message", live),
            interval: wait.duration("interval", default: .seconds(2)),
            timeout: wait.duration("timeout", default: .seconds(300)))
    }
}
