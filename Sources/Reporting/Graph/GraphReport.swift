public import PlumbModel

/// A stack's graph in the languages of Graphviz and Mermaid, or drawn, what changes in the colours of a plan. An arrow points
/// from a resource to what it depends on.
public struct GraphReport: Sendable {
    private let sketch: GraphSketch

    public init(_ sketch: GraphSketch) {
        self.sketch = sketch
    }

    /// For `dot -Tsvg`.
    public func dot() -> String {
        var text = "digraph stack {\n  rankdir = \"RL\";\n  node [fontname = \"sans-serif\", style = \"filled\"];\n"
        for (index, node) in sketch.nodes.enumerated() {
            let look = GraphReport.look(node)
            text += "  n\(index) [label = \(GraphReport.quote(node.address + look.remark)), shape = \"\(look.shape)\", "
            text += "fillcolor = \"\(look.fill)\", color = \"\(look.border)\"];\n"
        }
        for edge in validEdges { text += "  n\(edge.from) -> n\(edge.to);\n" }
        return text + "}\n"
    }

    /// For a Markdown block of the language `mermaid`.
    public func mermaid() -> String {
        var text = "flowchart RL\n"
        for (index, node) in sketch.nodes.enumerated() {
            let look = GraphReport.look(node)
            text += "  n\(index)\(look.opening)\"\(GraphReport.entities(node.address + look.remark))\"\(look.closing)\n"
        }
        for edge in validEdges { text += "  n\(edge.from) --> n\(edge.to)\n" }
        let actions: [(String, PlannedChange.Action)] = [
            ("create", .create), ("change", .update), ("replace", .replace(createBeforeDestroy: false)),
            ("destroy", .delete), ("read", .read), ("forget", .forget),
        ]
        for (name, action) in actions {
            let members = sketch.nodes.indices.filter { index in
                sketch.nodes[index].action.map { ChangeGroup($0) == ChangeGroup(action) } ?? false
            }
            guard !members.isEmpty else { continue }
            let colours = GraphReport.colours(action)
            text += "  classDef \(name) fill:\(colours.fill),stroke:\(colours.border),color:#000\n"
            text += "  class \(members.map { "n\($0)" }.joined(separator: ",")) \(name)\n"
        }
        return text
    }

    /// A picture by itself. Instances of one resource share a box; arrows that follow from others are left out.
    public func svg() -> String { GraphDrawing(sketch).svg() }

    /// Edges between nodes that there are; a caller's mistake must not make an unreadable drawing.
    private var validEdges: [GraphSketch.Edge] {
        sketch.edges.filter { sketch.nodes.indices.contains($0.from) && sketch.nodes.indices.contains($0.to) }
    }

    private struct Look {
        var shape: String
        var opening: String
        var closing: String
        var fill: String
        var border: String
        var remark: String
    }

    private static func look(_ node: GraphSketch.Node) -> Look {
        let colours = node.action.map(colours) ?? (fill: "#ffffff", border: "#888888")
        let remark = node.action.map { "\n\(ChangeGroup($0).verb)" } ?? ""
        let (shape, opening, closing) =
            switch node.kind {
            case .resource: ("box", "[", "]")
            case .data: ("ellipse", "([", "])")
            case .variable, .local: ("note", "[/", "/]")
            case .output: ("cds", ">", "]")
            case .module: ("folder", "[[", "]]")
            case .provider: ("hexagon", "{{", "}}")
            }
        return Look(
            shape: shape, opening: opening, closing: closing, fill: colours.fill, border: colours.border,
            remark: remark)
    }

    private static func colours(_ action: PlannedChange.Action) -> (fill: String, border: String) {
        switch action {
        case .create: ("#d7f5d7", "#2e8b2e")
        case .update: ("#fff3c4", "#b58900")
        case .replace: ("#f5d7f5", "#a030a0")
        case .delete: ("#fbd5d5", "#c03030")
        case .read, .wait: ("#d5f0fb", "#2080a0")
        case .forget: ("#eeeeee", "#888888")
        }
    }

    private static func quote(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"", "\\": result += "\\" + String(scalar)
            case "\n": result += "\\n"
            default: result += VisibleText.escape(String(scalar))
            }
        }
        return result + "\""
    }

    /// Mermaid reads its own marks even between quotes, but knows entities.
    private static func entities(_ text: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "#quot;"
            case "#": result += "#35;"
            case "<": result += "#lt;"
            case ">": result += "#gt;"
            case "&": result += "#amp;"
            case "`": result += "#96;"
            case "\n": result += "<br/>"
            default: result += VisibleText.escape(String(scalar))
            }
        }
        return result
    }
}
