import HTTPTransport
import PlumbModel

/// Whether what a server calls a resource is what it was asked for by: the same, but for how servers write names.
///
/// These are the differences that make no other name: upper and lower case; a dot or slash at the end; escapes (`%2F`); a
/// number as text; a UUID without its hyphens; the whole address or path of what was asked for by its last parts
/// (`https://host/v1/things/7`, `projects/p/things/7` and `7`), or an ARN; a name completed by the domain that it is in.
/// Names that merely contain one another are different names: `web` and `web2`.
struct IdentityComparison {
    /// Other texts that the resource was asked for by, such as its zone: what may complete a name.
    let surroundings: [String]

    func areSame(_ wanted: Value, _ told: Value) -> Bool {
        guard let one = wanted.asText, let other = told.asText else { return wanted.isSame(as: told) }
        let (asked, answered) = (plain(one), plain(other))
        guard !asked.isEmpty, !answered.isEmpty else { return asked == answered }
        if asked == answered || isPlace(asked, of: answered) || isPlace(answered, of: asked) { return true }
        if let uuid = uuid(asked), uuid == self.uuid(answered) { return true }
        return surroundings.contains { around in
            let domain = plain(around)
            return !domain.isEmpty && (asked + "." + domain == answered || answered + "." + domain == asked)
        }
    }

    private func plain(_ text: String) -> String {
        var rest = URLText.unescaped(text).lowercased()[...]
        if rest.count > 1, rest.hasSuffix(".") || rest.hasSuffix("/") { rest.removeLast() }
        return String(rest)
    }

    /// Whether a text is an address, a path or an ARN that ends in a name.
    private func isPlace(_ text: String, of name: String) -> Bool {
        var place = text[...]
        if place.contains("://") { place = place.prefix { $0 != "?" && $0 != "#" } }
        guard place.count > name.count + 1, place.hasSuffix(name) else { return false }
        let separator = place[place.index(place.endIndex, offsetBy: -name.count - 1)]
        return separator == "/" || (separator == ":" && place.hasPrefix("arn:"))
    }

    /// Its 32 digits.
    private func uuid(_ text: String) -> String? {
        let digits = text.filter { $0 != "-" && $0 != "{" && $0 != "}" }
        let isUUID =
            digits.utf8.count == 32
            && digits.utf8.allSatisfy { ($0 >= 0x30 && $0 <= 0x39) || ($0 >= 0x61 && $0 <= 0x66) }
        return isUUID ? digits : nil
    }
}
