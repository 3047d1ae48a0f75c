import Foundation
import PlumbModel
import Reporting
import Testing

/// The drawn graph: every resource is there, nothing lies on anything else, and everything lies on the paper.
struct GraphDrawingTests {
    /// A rectangle of the drawing, in pixels.
    private struct Area {
        let left: Double
        let top: Double
        let width: Double
        let height: Double

        func overlaps(_ other: Area) -> Bool {
            left < other.left + other.width && other.left < left + width && top < other.top + other.height
                && other.top < top + height
        }
    }

    @Test(arguments: [0, 1, 5, 40, 300])
    func boxesStandApartOnThePaper(_ count: Int) throws {
        var state: UInt64 = 5
        func dice(_ bound: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33) % bound
        }
        var sketch = GraphSketch()
        let actions: [PlannedChange.Action?] = [.create, .update, .delete, .read, .forget, nil]
        for index in 0..<count {
            let key = index % 7 == 0 ? "[\"a<\(index)&\"]" : ""
            sketch.nodes.append(
                .init(address: "some_type.name\(index)\(key)", kind: .resource, action: actions[index % 6]))
            for _ in 0..<dice(3) where index > 0 {
                sketch.edges.append(.init(from: index, to: max(0, index - 1 - dice(15))))
            }
        }
        let svg = GraphReport(sketch).svg()
        let boxes = Self.boxes(svg)
        let paper = Area(left: 0, top: 0, width: Self.number(svg, "width"), height: Self.number(svg, "height"))
        for (index, box) in boxes.enumerated() {
            #expect(box.left >= 0 && box.left + 48 + box.width <= paper.width)
            #expect(box.top >= 0 && box.top + 48 + box.height <= paper.height)
            for other in boxes[..<index] { #expect(!box.overlaps(other)) }
        }
        for index in 0..<count { #expect(svg.contains("name\(index)<") || svg.contains("name\(index)[")) }
        #expect(count > 0 || svg.contains("The stack declares nothing."))
        #expect(!svg.contains("a<") && !svg.contains("&\""))
    }

    @Test func instancesShareABoxAndArrowsThatFollowAreLeftOut() {
        let names = ["t.a", "t.b", "t.c[\"x\"]", "t.c[\"y\"]"]
        let edges = [(1, 0), (2, 1), (3, 1), (2, 0), (3, 0)]
        let svg = GraphReport(
            GraphSketch(
                nodes: names.map { .init(address: $0, kind: .resource) },
                edges: edges.map { .init(from: $0.0, to: $0.1) })
        ).svg()
        #expect(Self.boxes(svg).count == 3)
        #expect(svg.components(separatedBy: "class=\"arrow\"").count - 1 == 2)
    }

    @Test func manyThatStandAlikeShareABox() {
        let svg = GraphReport(
            GraphSketch(
                nodes: (0..<100).map { .init(address: "t.n\($0)", kind: .resource, action: .create) },
                edges: (1..<100).map { .init(from: $0, to: 0) })
        ).svg()
        #expect(Self.boxes(svg).count == 2)
        #expect(svg.contains("99 resources") && svg.contains(">n57<") && svg.contains("100 to create"))
    }

    @Test func instancesThatNeedEachOtherCrosswiseAreDrawn() {
        let svg = GraphReport(
            GraphSketch(
                nodes: ["t.a[0]", "t.a[1]", "t.b[0]", "t.b[1]"].map { .init(address: $0, kind: .resource) },
                edges: [.init(from: 0, to: 2), .init(from: 3, to: 1)])
        ).svg()
        #expect(Self.boxes(svg).count == 2)
    }

    /// The frames of boxes; cells inside them do not count.
    private static func boxes(_ svg: String) -> [Area] {
        svg.components(separatedBy: "<g transform=\"translate(").dropFirst().compactMap { part in
            guard part.contains("class=\"box") else { return nil }
            let place = part.prefix { $0 != ")" }.split(separator: " ").compactMap { Double($0) }
            guard place.count == 2, let rect = part.components(separatedBy: "<rect ").dropFirst().first else {
                return nil
            }
            return Area(left: place[0], top: place[1], width: number(rect, "width"), height: number(rect, "height"))
        }
    }

    private static func number(_ text: String, _ attribute: String) -> Double {
        let rest = text.components(separatedBy: "\(attribute)=\"").dropFirst().first ?? ""
        return Double(rest.prefix { $0 != "\"" }) ?? -1
    }
}
