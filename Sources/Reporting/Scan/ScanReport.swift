public import PlumbModel

/// What exists that nobody manages: a list for people, a document for programs, and entries for the specs.
public struct ScanReport: Sendable {
    private let result: ScanResult

    public init(_ result: ScanResult) { self.result = result }

    private var unmanagedCount: Int { result.types.reduce(0) { $0 + $1.unmanaged.count } }

    public func render(_ style: TerminalStyle) -> String {
        var canvas = Canvas(style)
        for type in result.types where !type.unmanaged.isEmpty { write(type, &canvas) }
        for type in result.types where type.unmanaged.isEmpty {
            canvas.paragraph(
                "\(type.type) (\(type.provider)): \(type.total == 0 ? "there is none" : "all \(type.total) managed").",
                indent: 0, .dim)
        }
        if !result.unscannable.isEmpty {
            canvas.paragraph(
                "Not scanned, since their providers cannot list them: \(Wording.list(result.unscannable)).", indent: 0,
                .dim)
        }
        canvas.paragraph(summary, indent: 0, .bold)
        return canvas.text
    }

    private var summary: String {
        let total = result.types.reduce(0) { $0 + $1.total }
        if result.types.isEmpty { return "Nothing was scanned." }
        if unmanagedCount == 0 { return "Scan: \(Wording.count(total, "resource")), all of them managed." }
        return
            "Scan: \(Wording.count(unmanagedCount, "resource")) of \(total) \(unmanagedCount == 1 ? "is" : "are") not "
            + "managed. `plumb import ADDRESS ID` takes one over and writes its spec; `plumb scan --imports` writes entries "
            + "for all of them."
    }

    private func write(_ type: ScanResult.TypeResult, _ canvas: inout Canvas) {
        canvas.write(type.type, .bold)
        canvas.write(" (\(type.provider)): \(type.unmanaged.count) of \(type.total) not managed")
        canvas.newline()
        let width = type.unmanaged.reduce(0) { max($0, VisibleText.columns(of: $1.address.description)) }
        for resource in type.unmanaged {
            let address = resource.address.description
            canvas.spaces(2)
            canvas.write(address)
            canvas.spaces(width - VisibleText.columns(of: address) + 2)
            canvas.write(ScanReport.word(resource.id), .cyan)
            canvas.newline()
        }
    }

    /// An id as it is typed into a shell.
    private static func word(_ id: String) -> String {
        let isPlain = id.utf8.allSatisfy { byte in
            (byte >= 0x61 && byte <= 0x7A) || (byte >= 0x41 && byte <= 0x5A) || (byte >= 0x2B && byte <= 0x3A)
                || byte == 0x5F || byte == 0x40 || byte == 0x25 || byte == 0x3D
        }
        return isPlain && !id.isEmpty ? id : "'" + id.replacing("'", with: "'\\''") + "'"
    }

    /// `{"unmanaged": [{"type", "provider", "address", "id"}], "types": [...], "not_scanned": [...]}`
    public func json() -> String {
        let types = result.types.map { type -> Value in
            [
                "type": .string(type.type), "provider": .string(type.provider), "total": .number(type.total),
                "managed": .number(type.total - type.unmanaged.count),
            ]
        }
        let unmanaged = result.types.flatMap { type in
            type.unmanaged.map { resource -> Value in
                [
                    "type": .string(type.type), "provider": .string(type.provider), "id": .string(resource.id),
                    "address": .string(resource.address.description),
                ]
            }
        }
        let problems = result.problems.all.map { Value.string($0.detail) }
        return IndentedJSON.text([
            "types": .tuple(types), "unmanaged": .tuple(unmanaged),
            "not_scanned": .tuple(result.unscannable.map(Value.string)), "problems": .tuple(problems),
        ])
    }

    /// Entries of `import:` for the specs.
    public func imports() -> String {
        guard unmanagedCount > 0 else { return "# All that exists is managed.\n" }
        var text = "# Each needs its resource in the specs too; `plumb import ADDRESS ID` writes one.\nimport:\n"
        for type in result.types {
            for resource in type.unmanaged {
                // What stands in the id is no expression.
                let id = Value.string(resource.id).json.replacing("${", with: "$${").replacing("%{", with: "%%{")
                text += "  - {to: \(resource.address), id: \(id)}\n"
            }
        }
        return text
    }
}
