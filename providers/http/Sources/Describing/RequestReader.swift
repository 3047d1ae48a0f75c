import Expressions
import PlumbModel

/// Reads one request of an operation.
struct RequestReader {
    /// What a request is part of, which says what it may have.
    enum Purpose: String {
        case read, lookup, list, batch, create, update, delete, poll

        var changes: Bool { [.create, .update, .delete].contains(self) }
        /// What "not found" means there is known.
        var knowsGone: Bool { ![.create, .update, .poll].contains(self) }
    }

    static let methods = ["get", "head", "post", "put", "patch", "delete"]
    private static let bodyKeys = ["body", "form", "xml", "text"]

    let what: String
    let purpose: Purpose

    /// The keys of a request itself.
    var keys: [String] {
        var keys = RequestReader.methods + ["query", "headers"] + RequestReader.bodyKeys
        keys += ["success", "gone", "when", "idempotent", "timeout"]
        if purpose.changes { keys += ["for", "each", "idempotency_key", "checksum"] }
        if purpose == .update { keys += ["changes", "json_patch"] }
        return keys
    }

    /// Nil only if problems were found.
    func read(_ section: inout SectionReader, _ outer: NameCheck) -> RequestTemplate? {
        let given = section.entries.filter { RequestReader.methods.contains($0.key) }
        guard given.count == 1, let line = given.first else {
            if section.node.mapping != nil {
                section.report(
                    "Invalid request", "\(what) must have one method with its path, as in get: /zones/${self.id}.",
                    at: section.node.range.firstLine)
            }
            return nil
        }
        let each = section.expression("each", outer)
        let names = section.node["each"] == nil ? outer : outer.with(.each)
        let target = target(line.value, &section, names)
        let gone = section.statuses("gone") ?? (purpose.knowsGone && !isSearch(line.key) ? [404] : [])
        let idempotencyHeader = section.text("idempotency_key")
        let checksumHeader = section.text("checksum")
        return RequestTemplate(
            method: line.key.uppercased(), target: target, query: query(&section, names),
            headers: section.fields("headers", names), body: body(&section, names),
            success: section.statuses("success"), gone: gone, when: section.condition("when", outer),
            attributes: section.attributes("for", among: names.attributes), each: each,
            isIdempotent: section.flag("idempotent") ?? (purpose.changes || line.key != "post" ? nil : true),
            idempotencyHeader: idempotencyHeader, checksumHeader: checksumHeader,
            timeout: section.duration("timeout"), range: line.value.range)
    }

    /// A POST that reads has a name like any other thing to do, so that 404 says nothing about a resource.
    private func isSearch(_ method: String) -> Bool { purpose == .list && method == "post" }

    private func query(_ section: inout SectionReader, _ names: NameCheck) -> ValueExpression? {
        mapping("query", &section, names)
    }

    /// An expression that must give a mapping.
    private func mapping(_ key: String, _ section: inout SectionReader, _ names: NameCheck) -> ValueExpression? {
        guard let expression = section.expression(key, names) else { return nil }
        switch expression {
        case .constant(let value, let range) where value.asMap == nil:
            section.report("Wrong kind of value", "\(what): \(key) must be a mapping.", at: range)
            return nil
        case .list(_, let range):
            section.report("Wrong kind of value", "\(what): \(key) must be a mapping.", at: range)
            return nil
        default: return expression
        }
    }

    private func body(_ section: inout SectionReader, _ names: NameCheck) -> RequestTemplate.Body? {
        let kinds = RequestReader.bodyKeys + ["json_patch"]
        let given = section.entries.filter { kinds.contains($0.key) }
        if given.count > 1, let second = given.dropFirst().first {
            section.report(
                "Contradicting keys", "\(what) has one body: \"\(given[0].key)\" or \"\(second.key)\".",
                at: second.keyRange)
        }
        if purpose == .update, section.node["changes"] != nil {
            if let other = given.first(where: { $0.key != "body" }) {
                section.report(
                    "Contradicting keys", "\(what): \"changes\" is joined with \"body\", not with \"\(other.key)\".",
                    at: other.keyRange)
            }
            let always = section.expression("body", names)
            return mapping("changes", &section, names).map { .changes($0, always: always) }
        }
        guard let key = given.first?.key else { return nil }
        switch key {
        case "form": return mapping(key, &section, names).map { .form($0) }
        case "xml":
            if let node = section.node["xml"], let count = node.mapping?.count, count != 1 {
                section.report(
                    "Invalid XML", "\(what): xml must have one key, the root element; it has \(count).",
                    at: node.range.firstLine)
            }
            return mapping(key, &section, names).map { .xml($0) }
        case "text": return section.expression(key, names).map { .text($0) }
        case "json_patch": return purpose == .update ? mapping(key, &section, names).map { .jsonPatch($0) } : nil
        default: return section.expression(key, names).map { .json($0) }
        }
    }

    private func target(
        _ node: SpecificationNode, _ section: inout SectionReader, _ names: NameCheck
    ) -> RequestTemplate.Target {
        let nothing = RequestTemplate.Target.path([])
        guard let scalar = node.scalar, scalar.isString, scalar.text.hasPrefix("/") || scalar.text.hasPrefix("${")
        else {
            section.report("Invalid path", "\(what): a path is a string that begins with \"/\".", at: node.range)
            return nothing
        }
        switch section.expression(node, names) {
        case .constant(let value, _): return .path([.text(value.asString ?? "")])
        case .expression(let expression):
            guard case .template(let parts) = expression.kind else {
                if !scalar.text.hasPrefix("/") { return .address(expression) }
                return .path([.segment(expression)])
            }
            guard scalar.text.hasPrefix("/") else {
                section.report(
                    "Invalid path",
                    "\(what): a path begins with \"/\", or is one ${...} alone, which gives a whole address.",
                    at: node.range)
                return nothing
            }
            return .path(path(parts, node, &section))
        default: return nothing
        }
    }

    private func path(
        _ parts: [Expression.TemplatePart], _ node: SpecificationNode, _ section: inout SectionReader
    ) -> [RequestTemplate.PathPart] {
        parts.compactMap { part in
            switch part {
            case .text(let text): return .text(text)
            case .interpolation(let expression): return .segment(expression)
            case .conditional, .loop:
                section.report(
                    "Invalid path", "\(what): a path may hold text and ${...}, no %{...}.", at: node.range)
                return nil
            }
        }
    }
}
