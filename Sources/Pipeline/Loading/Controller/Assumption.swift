import PlumbModel

/// What a configuration takes for granted of the place and the time in which the controller runs.
public enum Assumption: Sendable, Hashable {
    /// That an environment variable is set.
    case variable(String)
    /// That there is a file; absolute.
    case file(String)
    /// That the system knows a time zone.
    case timeZone(String)
    /// That it is not yet so late, in seconds since 1970: when a token expires.
    case before(Double)
}

/// Finds the assumptions of a configuration, whether the rest of it is right or not.
struct AssumptionFinder {
    private let folder: String
    private(set) var found: [(assumption: Assumption, range: SourceRange)] = []

    private static let files: Set = ["ssh_key", "known_hosts", "certificate", "key", "ca_file", "gpg"]

    init(in root: SpecificationNode, folder: String) {
        self.folder = folder
        for entry in root.mapping ?? [] {
            switch entry.key {
            case "state": readVariables(of: entry.value)
            case "defaults": readZones(of: entry.value)
            case "repositories", "notifications", "server": read(entry.value)
            default: break
            }
        }
        for token in root["server"]?["tokens"]?.mapping ?? [] {
            guard let node = token.value["expires"], let text = node.scalar?.text else { continue }
            InstantText.seconds(parsing: text).map { note(.before($0), node) }
        }
    }

    private mutating func read(_ node: SpecificationNode) {
        for item in node.sequence ?? [] { read(item) }
        let entries = node.mapping ?? []
        for entry in entries {
            if Self.files.contains(entry.key) {
                for item in entry.value.sequence ?? [entry.value] { readFile(item) }
            }
            // Where a secret is: `{env: NAME}` or `{file: PATH}`.
            if entries.count == 1, entry.key == "env", let name = entry.value.scalar?.value.asString, !name.isEmpty {
                note(.variable(name), entry.value)
            }
            if entries.count == 1, entry.key == "file" { readFile(entry.value) }
            read(entry.value)
        }
    }

    private mutating func readFile(_ node: SpecificationNode) {
        guard let path = node.scalar?.value.asString, !path.isEmpty else { return }
        note(.file(ControllerReader.absolute(path, folder)), node)
    }

    private mutating func readZones(of defaults: SpecificationNode) {
        for window in defaults["windows"]?.sequence ?? [] {
            guard let node = window["zone"], let name = node.scalar?.value.asString, TimeZoneName.isPossible(name)
            else { continue }
            note(.timeZone(name), node)
        }
    }

    /// `${env.NAME}`, in whatever expression.
    private mutating func readVariables(of node: SpecificationNode) {
        for item in node.sequence ?? node.mapping?.map(\.value) ?? [] { readVariables(of: item) }
        guard let text = node.scalar?.text, text.contains("${") else { return }
        var rest = text[...]
        while let mark = rest.firstRange(of: "env.") {
            let name = rest[mark.upperBound...].prefix { $0 == "_" || $0.isASCII && ($0.isLetter || $0.isNumber) }
            if !name.isEmpty { note(.variable(String(name)), node) }
            rest = rest[name.endIndex...]
        }
    }

    private mutating func note(_ assumption: Assumption, _ node: SpecificationNode) {
        found.append((assumption, node.range.firstLine))
    }
}
