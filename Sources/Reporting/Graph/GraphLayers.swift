/// The columns of a drawn graph, from left to right: each box stands to the right of what it depends on, in an order
/// in which few arrows cross.
struct GraphLayers {
    /// A box, or the place where an arrow passes through a column.
    enum Place: Hashable {
        case box(Int)
        case passage(Int)
    }

    /// An arrow as the places it runs through, from the box that depends to the other.
    struct Route {
        var places: [Place]
    }

    /// Of more passages than this the drawing would become slow and no clearer.
    private static let mostPassages = 20_000
    private static let sweeps = 12

    private(set) var layers: [[Place]] = []
    private(set) var routes: [Route] = []
    private var neighbours: [Place: [Place]] = [:]

    /// - Parameter boxes: those to be drawn; each depends on or is needed by another.
    init(_ boxes: [Int], dependencies: [[Int]]) {
        let depth = GraphLayers.depths(boxes, dependencies)
        layers = [[Place]](repeating: [], count: (depth.values.max() ?? -1) + 1)
        for box in boxes { layers[depth[box] ?? 0].append(.box(box)) }
        let spans = boxes.flatMap { box in dependencies[box].map { abs((depth[box] ?? 0) - (depth[$0] ?? 0)) } }
        let drawsPassages = spans.reduce(0, +) <= GraphLayers.mostPassages
        var passages = 0
        for box in boxes {
            for target in dependencies[box] {
                var places: [Place] = [.box(box)]
                let (from, to) = (depth[box] ?? 0, depth[target] ?? 0)
                if drawsPassages, from > to + 1 {
                    for layer in ((to + 1)..<from).reversed() {
                        layers[layer].append(.passage(passages))
                        places.append(.passage(passages))
                        passages += 1
                    }
                }
                places.append(.box(target))
                routes.append(Route(places: places))
                for (right, left) in zip(places, places.dropFirst()) {
                    neighbours[right, default: []].append(left)
                    neighbours[left, default: []].append(right)
                }
            }
        }
        arrange()
    }

    /// The longest way to each box; one that needs nothing moves near to what needs it.
    private static func depths(_ boxes: [Int], _ dependencies: [[Int]]) -> [Int: Int] {
        var depth: [Int: Int] = [:]
        let order = GraphBoxes.order(dependencies)
        for box in order { depth[box] = (dependencies[box].compactMap { depth[$0] }.max() ?? -1) + 1 }
        var nearest: [Int: Int] = [:]
        for box in order {
            for target in dependencies[box] {
                nearest[target] = min(nearest[target] ?? .max, depth[box] ?? 0)
            }
        }
        for box in boxes where dependencies[box].isEmpty {
            if let dependent = nearest[box], dependent > 0 { depth[box] = dependent - 1 }
        }
        return depth.filter { boxes.contains($0.key) }
    }

    /// Orders each column by where the neighbours in the column before stand, to and fro.
    private mutating func arrange() {
        var column: [Place: Int] = [:]
        for (number, layer) in layers.enumerated() { for place in layer { column[place] = number } }
        var best = (layers: layers, crossings: crossings(column))
        for sweep in 0..<GraphLayers.sweeps where best.crossings > 0 {
            let isForward = sweep % 2 == 0
            let numbers = isForward ? Array(layers.indices) : layers.indices.reversed()
            for number in numbers.dropFirst() {
                let side = isForward ? number - 1 : number + 1
                let rank = Dictionary(
                    layers[side].enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
                let keyed = layers[number].enumerated().map { index, place -> (Double, Int, Place) in
                    let ranks = (neighbours[place] ?? []).compactMap { rank[$0] }
                    // Without neighbours on that side it stays about where it is.
                    let own = Double(index) / Double(max(1, layers[number].count)) * Double(layers[side].count)
                    return (ranks.isEmpty ? own : Double(ranks.reduce(0, +)) / Double(ranks.count), index, place)
                }
                layers[number] = keyed.sorted { ($0.0, $0.1) < ($1.0, $1.1) }.map(\.2)
            }
            let now = crossings(column)
            if now < best.crossings { best = (layers, now) }
        }
        layers = best.layers
    }

    /// How many pairs of arrows between neighbouring columns cross.
    private func crossings(_ column: [Place: Int]) -> Int {
        var rank: [Place: Int] = [:]
        for layer in layers { for (index, place) in layer.enumerated() { rank[place] = index } }
        var total = 0
        for number in layers.indices.dropFirst() {
            var pairs: [(Int, Int)] = []
            for place in layers[number] {
                for other in neighbours[place] ?? [] where column[other] == number - 1 {
                    pairs.append((rank[place] ?? 0, rank[other] ?? 0))
                }
            }
            pairs.sort { $0 < $1 }
            total += GraphLayers.inversions(pairs.map(\.1), size: layers[number - 1].count)
        }
        return total
    }

    /// Pairs in the wrong order, counted with a Fenwick tree.
    private static func inversions(_ values: [Int], size: Int) -> Int {
        var tree = [Int](repeating: 0, count: size + 1)
        var total = 0
        for (count, value) in values.enumerated() {
            var notGreater = 0
            var index = value + 1
            while index > 0 {
                notGreater += tree[index]
                index -= index & -index
            }
            total += count - notGreater
            index = value + 1
            while index <= size {
                tree[index] += 1
                index += index & -index
            }
        }
        return total
    }
}
