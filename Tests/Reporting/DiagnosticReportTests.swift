import PlumbModel
import Reporting
import Testing

@Suite struct DiagnosticReportTests {
    private static let spec = SourceFile(
        path: "web/deployment.yaml",
        text: """
            resources:
              deployment.web:
                spec:
                  host: ${postgres.primary.host}
            \t\ttabbed: ${var.nope}
                  名前: ${var.日本} と ${var.x}
                  long: \(String(repeating: "a", count: 90)) ${var.middle} \(String(repeating: "b", count: 90))
                  evil: \u{1B}[31m ${var.evil}
                  cafe\u{301}: ${var.cafe}
            last: end
            """)

    /// The range of the first occurrence of a text in the spec.
    private static func range(_ text: String, through end: String? = nil) -> SourceRange {
        let bytes = spec.bytes
        func offset(_ text: String) -> Int {
            let wanted = Array(text.utf8)
            return bytes.indices.first { bytes[$0...].starts(with: wanted) } ?? bytes.count
        }
        let start = offset(text)
        return SourceRange(
            file: spec, start: start,
            end: end.map { offset($0) + $0.utf8.count } ?? start + text.utf8.count)
    }

    private static let resource = ResourceAddress("deployment", "web")
    private static let detail = "No resource is named \"postgres.primary\". Did you mean \"postgres.main\"?"

    private static let situations: [(String, [Diagnostic])] = [
        ("design", [.error("Unknown resource", detail, at: range("postgres.primary"))]),
        ("address", [.error("Unknown resource", detail, address: resource, at: range("postgres.primary.host"))]),
        ("address-only", [.error("Provider failed", "The server answered 500.", address: resource)]),
        ("bare", [.error("State is held", "Somebody else writes it.")]),
        ("warning", [.warning("Deprecated attribute", "Use \"host\".", at: range("host"))]),
        ("tabs", [.error("Unknown variable", "There is no variable \"nope\".", at: range("var.nope"))]),
        ("wide", [.error("Unknown variable", "Wide characters before it.", at: range("var.x"))]),
        ("wide-range", [.error("Unknown variable", "Wide characters in it.", at: range("var.日本"))]),
        ("combining", [.error("Unknown variable", "A combining mark before it.", at: range("var.cafe"))]),
        ("clipped", [.error("Unknown variable", "In the middle of a long line.", at: range("var.middle"))]),
        ("clipped-range", [.error("Too long", "A long range.", at: range("aaaa", through: "var.middle"))]),
        ("hostile", [.error("Bad \u{1B}[2J", "Detail \u{1B}]0;x\u{7} here.", at: range("var.evil"))]),
        ("several-lines", [.error("Bad block", "It spans lines.", at: range("deployment.web:", through: "host:"))]),
        ("many-lines", [.error("Bad file", "It spans many lines.", at: range("resources:", through: "last"))]),
        ("empty-range", [.error("Key expected", "Here.", at: SourceRange(file: spec, start: 12, end: 12))]),
        (
            "end-of-file",
            [
                .error(
                    "Value expected", "The file ends.",
                    at: SourceRange(file: spec, start: spec.bytes.count, end: spec.bytes.count))
            ]
        ),
        (
            "empty-file",
            [
                .error(
                    "Empty file", "Nothing in it.",
                    at: SourceRange(file: SourceFile(path: "a.yaml", text: ""), start: 0, end: 0))
            ]
        ),
        (
            "wrapped",
            [
                .error(
                    "Cycle of references",
                    "These resources wait for one another, so that none of them can be created first:\n"
                        + "  builtin_file.a -> builtin_file.b\n  builtin_file.b -> builtin_file.a\n"
                        + "Take one of the references away, see "
                        + "https://example.org/a/very/long/address/that/does/not/fit/into/one/line/of/the/terminal/at/all.",
                    at: range("last"))
            ]
        ),
        (
            "notes",
            [
                .error(
                    "Declared twice", "The resource is declared twice.", address: resource, at: range("last: end"),
                    notes: [
                        .init("It is declared here first.", at: range("deployment.web")),
                        .init("Names are compared letter by letter, so that case matters and so do dashes and dots."),
                    ])
            ]
        ),
        (
            "several",
            [
                .error("Unknown resource", detail, at: range("postgres.primary")),
                .warning("Deprecated attribute", "Use \"host\".", at: range("host")),
                .error("Unknown variable", "There is no variable \"x\".", at: range("var.x")),
            ]
        ),
    ]

    @Test(arguments: situations)
    func reads(_ name: String, _ all: [Diagnostic]) throws {
        try GoldenFile.expect(DiagnosticReport(Diagnostics(all)).render(.narrow), equals: "diagnostic/\(name)")
    }

    /// A document may be one line of megabytes, with a thousand mistakes in it.
    @Test func ofALineWithoutEndWhatIsAroundIsShown() throws {
        func report(_ padding: Int) -> [Substring] {
            let before = "{\"ä\": [" + String(repeating: "1, ", count: padding)
            let text = before + "$ref" + String(repeating: ", 2", count: padding) + "]}"
            let range = SourceRange(
                file: SourceFile(path: "a.json", text: text), start: before.utf8.count, end: before.utf8.count + 4)
            return DiagnosticReport(Diagnostics(.error("Unknown", "Here.", at: range))).render(.narrow).split(
                separator: "\n")
        }
        let (long, short) = (report(400_000), report(400))
        // All but the line that says at which column it is.
        #expect(long.filter { !$0.contains("a.json") } == short.filter { !$0.contains("a.json") })
        #expect(long.contains { $0.contains("a.json:1:1200008") }, "\(long)")
        #expect(long.contains { $0.contains("$ref") } && long.contains { $0.hasSuffix("^^^^") })
    }

    @Test func readsInColour() throws {
        let all = DiagnosticReportTests.situations.filter { ["notes", "warning", "several-lines"].contains($0.0) }
        let report = DiagnosticReport(Diagnostics(all.flatMap(\.1)))
        try GoldenFile.expect(report.render(.coloured), equals: "diagnostic-colour/all")
    }

    @Test func isJSON() throws {
        let all = DiagnosticReportTests.situations.filter { ["notes", "bare"].contains($0.0) }.flatMap(\.1)
        let text = DiagnosticReport(Diagnostics(all)).json()
        try GoldenFile.expect(text, equals: "diagnostic-json/all")
        let document = try Value(json: text)
        #expect(document.asList?.count == 2)
    }

    @Test func saysNothingOfNothing() {
        #expect(DiagnosticReport(Diagnostics()).render(.narrow) == "")
        #expect(DiagnosticReport(Diagnostics()).json() == "[]\n")
    }
}
