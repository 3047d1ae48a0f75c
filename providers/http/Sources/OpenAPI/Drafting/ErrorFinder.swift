/// Finds where an API's refusals have the sentence that says why.
enum ErrorFinder {
    private static let names = [
        "message", "detail", "error_description", "errorMessage", "error_message", "msg", "description", "title",
        "reason", "error", "errors",
    ]

    /// An expression for `errors.message`; nil where no refusal is described.
    static func message(_ refusals: [SchemaShape]) -> String? {
        var counts: [String: Int] = [:]
        for shape in refusals {
            guard let place = place(in: shape) else { continue }
            counts[place, default: 0] += 1
            // Frameworks describe the list of what is invalid, and send a text for all else.
            if let list = place.firstIndex(of: "[") { counts[String(place[..<list]), default: 0] += 0 }
        }
        let places = counts.sorted { ($0.value, $1.key) > ($1.value, $0.key) }.map(\.key).prefix(4)
        guard let first = places.first else { return nil }
        return places.count == 1 ? "${\(first)}" : "${try(\(places.joined(separator: ", ")))}"
    }

    private static func place(in shape: SchemaShape, root: String = "response.body", depth: Int = 0) -> String? {
        if let inner = shape["error"], !inner.properties.isEmpty, depth == 0,
            let found = place(in: inner, root: "\(root).error", depth: 1)
        {
            return found
        }
        for name in names {
            guard let field = shape.properties.first(where: { $0.name == name }) else { continue }
            let place = "\(root).\(name)"
            switch field.shape.kind {
            case .string, .any: return place
            case .list(let element):
                if case .string = element.kind { return "\(place)[0]" }
                if let found = self.place(in: element, root: "\(place)[0]", depth: 2) { return found }
            default: break
            }
        }
        return nil
    }
}
