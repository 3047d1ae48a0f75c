/// Names of branches and tags, by Git's rules (`git check-ref-format`).
public enum ReferenceName {
    /// Why Git has no branch or tag of that name, such as "it holds `..`"; nil where it may have one.
    public static func problem(with name: String) -> String? {
        if name.isEmpty { return "it is empty" }
        if name == "@" { return "`@` stands for HEAD" }
        if name.hasPrefix("-") { return "it begins with `-`" }
        for text in ["..", "@{", "//"] where name.contains(text) { return "it holds `\(text)`" }
        if name.hasPrefix("/") || name.hasSuffix("/") { return "it begins or ends with `/`" }
        if name.hasSuffix(".") { return "it ends with `.`" }
        if let scalar = name.unicodeScalars.first(where: { $0.value <= 32 || $0.value == 127 }) {
            return scalar == " " ? "it holds a space" : "it holds a control character"
        }
        if let mark = name.first(where: { "~^:?*[\\".contains($0) }) { return "it holds `\(mark)`" }
        let parts = name.split(separator: "/")
        if let part = parts.first(where: { $0.hasPrefix(".") }) { return "\"\(part)\" begins with `.`" }
        if let part = parts.first(where: { $0.hasSuffix(".lock") }) { return "\"\(part)\" ends with `.lock`" }
        return nil
    }
}
