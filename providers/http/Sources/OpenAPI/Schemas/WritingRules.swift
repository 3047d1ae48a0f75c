import PlumbModel

/// Tells from a schema in which ways a server may write a value otherwise than it was sent: the rules of `normalise`.
enum WritingRules {
    static func rules(of node: DocumentNode, _ shape: SchemaShape) -> [String] {
        let format = node["format"]?.text
        switch shape.kind {
        case .string: return texts(node, format)
        case .list(let element): return isSet(node, element) ? ["unordered"] : []
        default: return []
        }
    }

    private static func texts(_ node: DocumentNode, _ format: String?) -> [String] {
        switch format {
        case "date-time": return ["time"]
        case "decimal": return ["number"]
        case "ip", "ipv6", "ipvanyaddress", "ipvanynetwork", "ipv6network": return ["ip_address"]
        // What Pydantic takes for an address of the web, it ends with a slash where there is no path.
        case "uri" where node["maxLength"]?.scalar?.asInt == 2083: return ["trailing_slash"]
        case nil: return isDecimal(node["pattern"]?.text ?? "") ? ["number"] : []
        default: return []
        }
    }

    /// What comes in no order, or only in the server's.
    private static func isSet(_ node: DocumentNode, _ element: SchemaShape) -> Bool {
        element.isScalar && (node["uniqueItems"]?.isTrue == true || element.choices.count > 1)
    }

    /// How Django REST framework and Pydantic describe a number of exact digits, which they send as a text.
    private static func isDecimal(_ pattern: String) -> Bool {
        pattern.hasPrefix("^-?\\d{0,") && pattern.contains("(?:\\.\\d{0,") || pattern.hasPrefix("^(?!^[-+.]*$)[+-]?0*")
    }
}
