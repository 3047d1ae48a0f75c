import Foundation
import Testing

/// `plumb graph`: drawings that Graphviz and Mermaid take.
struct GraphTests {
    private static let spec = """
        resources:
          local_file.a: {spec: {filename: out/a, content: x}}
          local_file.b: {for_each: '${toset(["x \\"quoted\\"", "y"])}', spec: {filename: "out/${each.key}", content: "${local_file.a.id}"}}
        """

    @Test func dot() async throws {
        let stack = try Stack(["main.yaml": Self.spec])
        let result = try await stack.plumb("graph")
        #expect(result.code == 0, "\(result.errors)")
        #expect(result.output.hasPrefix("digraph "))
        #expect(result.output.contains("local_file.a"))
        #expect(result.output.contains("n1 -> n0;"))
        #expect(result.output.contains("n2 -> n0;"))
    }

    @Test(.enabled(if: Program.isExpected("dot"), "Graphviz is not installed"))
    func graphvizReadsIt() async throws {
        let stack = try Stack(["main.yaml": Self.spec])
        try stack.write("graph.dot", try await stack.plumb("graph").output)
        let drawn = try await stack.shell("dot -Tsvg graph.dot")
        for label in ["local_file.a", "local_file.b[&quot;x \\&quot;quoted\\&quot;&quot;]"] {
            #expect(drawn.contains(label), "\(label) is not in \(drawn)")
        }
    }

    @Test func mermaid() async throws {
        let stack = try Stack(["main.yaml": Self.spec])
        let result = try await stack.plumb("graph", "--format", "mermaid")
        #expect(result.code == 0)
        #expect(result.output.hasPrefix("flowchart "))
        #expect(result.output.contains("n1 --> n0"))
        let labels = result.output.split(separator: "\n").filter { $0.contains("[\"") }
        #expect(labels.count == 3)
        // A quote in a label would end it.
        for label in labels { #expect(label.count { $0 == "\"" } == 2, "\(label)") }
    }

    @Test func aPlanColoursIt() async throws {
        let stack = try Stack(["main.yaml": Self.spec])
        let before = try await stack.plumb("graph", "--plan")
        #expect(before.code == 0, "\(before.errors)")
        try await stack.apply()
        let after = try await stack.plumb("graph", "--plan")
        #expect(before.output != after.output)
        #expect(try await stack.plumb("graph").output == after.output)
    }

    @Test func aPictureIsWrittenToAFile() async throws {
        let stack = try Stack(["main.yaml": Self.spec])
        let result = try await stack.plumb("graph", "--format", "svg", "--output", "graph.svg")
        #expect(result.code == 0 && result.output.isEmpty, "\(result.errors)")
        let picture = try #require(stack.read("graph.svg"))
        #expect(picture.hasPrefix("<svg ") && picture.hasSuffix("</svg>\n"))
        // A parser that is not ours takes it.
        try await stack.shell("python3 -c 'import xml.dom.minidom as m; m.parse(\"graph.svg\")'")
        let nowhere = try await stack.plumb("graph", "--output", "no/such/folder/graph.dot")
        #expect(nowhere.code == 1 && nowhere.errors.contains("no/such/folder/graph.dot"))
    }
}
