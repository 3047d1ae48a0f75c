import PlumbModel

/// Draws a graph as SVG that needs nothing else: fonts of the system, colours for light and dark.
struct GraphDrawing {
    private static let margin = 24.0
    /// Of the fixed-width fonts in use, at a size of 13 pixels, rounded up.
    private static let columnWidth = 7.9
    private static let headHeight = 42.0
    private static let rowHeight = 20.0
    private static let longestName = 36
    private static let longestKey = 24
    private static let legendHeight = 40.0

    private let graph: GraphBoxes
    private let sizes: [GraphPlacement.Size]

    init(_ sketch: GraphSketch) {
        graph = GraphBoxes(sketch)
        sizes = graph.boxes.map(GraphDrawing.size)
    }

    func svg() -> String {
        let needed = Set(graph.dependencies.joined())
        let connected = graph.boxes.indices.filter { !graph.dependencies[$0].isEmpty || needed.contains($0) }
        let alone = graph.boxes.indices.filter { graph.dependencies[$0].isEmpty && !needed.contains($0) }
        let layers = GraphLayers(connected, dependencies: graph.dependencies)
        let placement = GraphPlacement(layers, alone: alone, sizes: sizes)
        let legend = legend(top: placement.extent.height + Self.margin)
        let width = max(placement.extent.width, legend.width, 240) + 2 * Self.margin
        let height = placement.extent.height + Self.legendHeight + 2 * Self.margin
        let size = "\(Self.number(width))\" height=\"\(Self.number(height))"
        var text = "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"\(size)\" "
        text += "viewBox=\"0 0 \(Self.number(width)) \(Self.number(height))\">\n"
        text += GraphStyle.text
        text += "<rect class=\"paper\" width=\"100%\" height=\"100%\"/>\n"
        text += "<g transform=\"translate(\(Self.number(Self.margin)) \(Self.number(Self.margin)))\">\n"
        for line in placement.lines { text += arrow(line) }
        for (box, corner) in placement.corners.sorted(by: { $0.key < $1.key }) { text += draw(box, at: corner) }
        if graph.boxes.isEmpty { text += "<text class=\"type\" y=\"12\">The stack declares nothing.</text>\n" }
        return text + legend.text + "</g>\n</svg>\n"
    }

    // MARK: - Boxes

    private static func title(_ box: GraphBoxes.Box) -> String { box.name ?? "\(box.members.count) resources" }

    /// How many there are, behind the name.
    private static func count(_ box: GraphBoxes.Box) -> String {
        box.isList && box.name != nil ? "×\(box.members.count)" : ""
    }

    /// The keys of a box stand in so many columns that it is about as wide as it is high.
    private static func grid(_ box: GraphBoxes.Box) -> (columns: Int, rows: Int, width: Double) {
        let longest = box.members.map { min(TextWidth.columns(of: $0.label), longestKey) }.max() ?? 0
        let width = Double(longest) * 7.3 + 24
        let columns = max(1, Int((Double(box.members.count) * rowHeight / width).squareRoot().rounded()))
        return (columns, (box.members.count + columns - 1) / columns, width)
    }

    private static func size(_ box: GraphBoxes.Box) -> GraphPlacement.Size {
        let count = count(box)
        let columns = max(
            Double(min(TextWidth.columns(of: title(box)), longestName) + count.count + 1) * columnWidth,
            Double(min(TextWidth.columns(of: box.type), longestName + 6)) * 6.7)
        var size = GraphPlacement.Size(width: max(columns + 24, 96), height: headHeight)
        guard box.isList else { return size }
        let grid = grid(box)
        size.width = max(size.width, Double(grid.columns) * grid.width + 16)
        size.height += Double(grid.rows) * rowHeight + 6
        return size
    }

    private func draw(_ index: Int, at corner: GraphPlacement.Point) -> String {
        let box = graph.boxes[index]
        let size = sizes[index]
        let look = box.isList ? "none" : Self.look(box.members[0].action)
        let type = Self.escape(Self.shortened(box.type, Self.longestName + 6))
        let count = Self.count(box)
        let whole = box.isList ? "\(box.type) \(Self.title(box)) \(count)" : box.members[0].address
        var text = "<g transform=\"translate(\(Self.number(corner.x)) \(Self.number(corner.y)))\">"
        text += "<title>\(Self.escape(whole))</title>"
        text += "<rect class=\"box \(look)\(box.kind == .data ? " data" : "")\" width=\"\(Self.number(size.width))\" "
        text += "height=\"\(Self.number(size.height))\" rx=\"\(box.kind == .data ? 14 : 5)\"/>"
        text += "<text class=\"type\" x=\"12\" y=\"16\">\(type)</text>"
        text +=
            "<text class=\"name\" x=\"12\" y=\"33\">\(Self.escape(Self.shortened(Self.title(box), Self.longestName)))"
        if !count.isEmpty { text += "<tspan class=\"count\" dx=\"6\">\(count)</tspan>" }
        text += "</text>"
        if box.isList { text += drawMembers(box, size.width) }
        return text + "</g>\n"
    }

    private func drawMembers(_ box: GraphBoxes.Box, _ width: Double) -> String {
        let grid = Self.grid(box)
        let cell = (width - 12) / Double(grid.columns)
        var text = ""
        for (number, member) in box.members.enumerated() {
            let x = 8 + Double(number / grid.rows) * cell
            let y = Self.headHeight + Double(number % grid.rows) * Self.rowHeight
            let label = Self.escape(Self.shortened(member.label, Self.longestKey))
            text += "<g transform=\"translate(\(Self.number(x)) \(Self.number(y)))\">"
            text += "<title>\(Self.escape(member.address))</title>"
            text += "<rect class=\"cell \(Self.look(member.action))\" width=\"\(Self.number(cell - 4))\" "
            text += "height=\"\(Self.number(Self.rowHeight - 4))\" rx=\"3\"/>"
            text += "<text class=\"key\" x=\"8\" y=\"12\">\(label)</text></g>"
        }
        return text
    }

    private static func look(_ action: PlannedChange.Action?) -> String {
        action.map { ChangeGroup($0).verb } ?? "none"
    }

    // MARK: - Arrows

    private func arrow(_ points: [GraphPlacement.Point]) -> String {
        guard let first = points.first else { return "" }
        var text = "<path class=\"arrow\" marker-end=\"url(#tip)\" d=\"M\(Self.number(first.x)) \(Self.number(first.y))"
        for (index, (from, to)) in zip(points, points.dropFirst()).enumerated() {
            // Room for the tip.
            let isLast = index == points.count - 2
            let end = isLast ? to.x + 7 : to.x
            if from.y == to.y {
                text += "L\(Self.number(end)) \(Self.number(to.y))"
            } else {
                let bend = max(24, abs(from.x - end) / 2)
                text += "C\(Self.number(from.x - bend)) \(Self.number(from.y)) "
                text += "\(Self.number(end + bend)) \(Self.number(to.y)) \(Self.number(end)) \(Self.number(to.y))"
            }
        }
        return text + "\"/>\n"
    }

    // MARK: - Legend

    private func legend(top: Double) -> (text: String, width: Double) {
        let actions = graph.boxes.flatMap(\.members).compactMap(\.action)
        var x = 0.0
        var text = "<g transform=\"translate(0 \(Self.number(top)))\">"
        for group in ChangeGroup.allCases {
            let count = actions.count { ChangeGroup($0) == group }
            guard count > 0 else { continue }
            let label = "\(count) to \(group.verb)"
            text += "<rect class=\"cell \(group.verb)\" x=\"\(Self.number(x))\" width=\"16\" height=\"16\" rx=\"3\"/>"
            text += "<text class=\"key\" x=\"\(Self.number(x + 22))\" y=\"12\">\(label)</text>"
            x += 22 + Double(label.utf8.count) * 7.3 + 20
        }
        let note = "An arrow points to what is needed. Those that follow from others are left out."
        if graph.dependencies.contains(where: { !$0.isEmpty }) {
            text += "<text class=\"type\" x=\"\(Self.number(x))\" y=\"12\">\(note)</text>"
            x += Double(note.utf8.count) * 6.7
        }
        return (text + "</g>\n", x)
    }

    // MARK: - Text

    private static func shortened(_ text: String, _ limit: Int) -> String {
        guard TextWidth.columns(of: text) > limit else { return text }
        let half = (limit - 1) / 2
        return "\(text.prefix(limit - 1 - half))…\(text.suffix(half))"
    }

    private static func escape(_ text: String) -> String {
        var result = ""
        for scalar in VisibleText.escape(text).unicodeScalars {
            switch scalar {
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "&": result += "&amp;"
            case "\"": result += "&quot;"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }

    /// Half pixels are as fine as anybody sees.
    private static func number(_ value: Double) -> String {
        let halves = Int((value * 2).rounded())
        return halves % 2 == 0 ? "\(halves / 2)" : "\(halves < 0 && halves > -2 ? "-" : "")\(halves / 2).5"
    }
}
