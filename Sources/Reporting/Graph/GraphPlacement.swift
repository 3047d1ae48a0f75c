/// Gives the boxes and arrows of a drawn graph their coordinates, in pixels.
struct GraphPlacement {
    struct Size {
        var width: Double
        var height: Double
    }

    struct Point {
        var x: Double
        var y: Double
    }

    private static let boxGap = 16.0
    private static let passageHeight = 12.0
    private static let columnGap = 72.0
    private static let rounds = 12

    /// The upper left corner of each box that is drawn.
    private(set) var corners: [Int: Point] = [:]
    /// For each route the points it runs through.
    private(set) var lines: [[Point]] = []
    private(set) var extent = Size(width: 0, height: 0)

    private let sizes: [Size]
    private var columns: [[GraphLayers.Place]] = []
    /// Of the middle of each place.
    private var middle: [GraphLayers.Place: Double] = [:]

    /// - Parameters:
    ///   - alone: boxes without arrows, which stand in rows below the others.
    init(_ layers: GraphLayers, alone: [Int], sizes: [Size]) {
        self.sizes = sizes
        split(layers)
        stack()
        level(layers)
        placeColumns(layers)
        placeAlone(alone)
    }

    private func height(_ place: GraphLayers.Place) -> Double {
        switch place {
        case .box(let box): sizes[box].height
        case .passage: Self.passageHeight
        }
    }

    private func gap(_ above: GraphLayers.Place, _ below: GraphLayers.Place) -> Double {
        if case .passage = above, case .passage = below { return 2 }
        return Self.boxGap
    }

    /// A column that would be much higher than the drawing is wide becomes several.
    private mutating func split(_ layers: GraphLayers) {
        let area = layers.layers.joined().reduce(0.0) { sum, place in
            guard case .box(let box) = place else { return sum }
            return sum + (sizes[box].width + Self.columnGap) * (sizes[box].height + Self.boxGap)
        }
        let limit = max(1600, 2.5 * area.squareRoot())
        for layer in layers.layers {
            let total = layer.reduce(0.0) { $0 + height($1) + Self.boxGap }
            let parts = max(1, Int((total / limit).rounded(.up)))
            var part: [GraphLayers.Place] = []
            var used = 0.0
            for place in layer {
                if used > 0, used + height(place) > total / Double(parts) + Self.boxGap {
                    columns.append(part)
                    part = []
                    used = 0
                }
                part.append(place)
                used += height(place) + Self.boxGap
            }
            if !part.isEmpty { columns.append(part) }
        }
    }

    private mutating func stack() {
        for column in columns {
            for (place, offset) in zip(column, offsets(column)) { middle[place] = offset }
        }
    }

    /// Where the middles stand when the column is packed from 0 on.
    private func offsets(_ column: [GraphLayers.Place]) -> [Double] {
        var result: [Double] = []
        for (index, place) in column.enumerated() {
            guard index > 0 else {
                result.append(height(place) / 2)
                continue
            }
            let above = column[index - 1]
            result.append(result[index - 1] + (height(above) + height(place)) / 2 + gap(above, place))
        }
        return result
    }

    /// Moves each place towards the middle of its neighbours, as far as the order and the gaps of its column allow.
    private mutating func level(_ layers: GraphLayers) {
        var neighbours: [GraphLayers.Place: [GraphLayers.Place]] = [:]
        for route in layers.routes {
            for (right, left) in zip(route.places, route.places.dropFirst()) {
                neighbours[right, default: []].append(left)
                neighbours[left, default: []].append(right)
            }
        }
        for round in 0..<Self.rounds {
            for column in round % 2 == 0 ? columns : columns.reversed() {
                let offsets = offsets(column)
                let wanted = zip(column, offsets).map { place, offset in
                    let others = (neighbours[place] ?? []).compactMap { middle[$0] }
                    let mean = others.isEmpty ? middle[place] ?? 0 : others.reduce(0, +) / Double(others.count)
                    return mean - offset
                }
                for (index, value) in Self.rising(wanted).enumerated() {
                    middle[column[index]] = value + offsets[index]
                }
            }
        }
        let top = columns.joined().map { (middle[$0] ?? 0) - height($0) / 2 }.min() ?? 0
        for place in columns.joined() { middle[place, default: 0] -= top }
    }

    /// The numbers nearest to those wanted of which none is less than the one before (pooling of neighbours).
    static func rising(_ wanted: [Double]) -> [Double] {
        var pools: [(sum: Double, count: Int)] = []
        for value in wanted {
            pools.append((value, 1))
            while pools.count > 1 {
                let last = pools[pools.count - 1]
                let before = pools[pools.count - 2]
                guard before.sum / Double(before.count) > last.sum / Double(last.count) else { break }
                pools.removeLast()
                pools[pools.count - 1] = (before.sum + last.sum, before.count + last.count)
            }
        }
        return pools.flatMap { pool in [Double](repeating: pool.sum / Double(pool.count), count: pool.count) }
    }

    private mutating func placeColumns(_ layers: GraphLayers) {
        var x = 0.0
        var left: [GraphLayers.Place: Double] = [:]
        var right: [GraphLayers.Place: Double] = [:]
        for column in columns {
            let width =
                column.map { place in
                    if case .box(let box) = place { sizes[box].width } else { 0 }
                }.max() ?? 0
            for place in column {
                left[place] = x
                right[place] = x + width
                if case .box(let box) = place {
                    corners[box] = Point(x: x, y: (middle[place] ?? 0) - sizes[box].height / 2)
                    right[place] = x + sizes[box].width
                }
            }
            extent.width = max(extent.width, x + width)
            x += width + Self.columnGap + min(160, Double(column.count) * 3)
        }
        extent.height = columns.joined().map { (middle[$0] ?? 0) + height($0) / 2 }.max() ?? 0
        for route in layers.routes {
            lines.append(
                route.places.enumerated().flatMap { index, place -> [Point] in
                    let y = middle[place] ?? 0
                    if index == 0 { return [Point(x: left[place] ?? 0, y: y)] }
                    if index == route.places.count - 1 { return [Point(x: right[place] ?? 0, y: y)] }
                    return [Point(x: right[place] ?? 0, y: y), Point(x: left[place] ?? 0, y: y)]
                })
        }
    }

    private mutating func placeAlone(_ alone: [Int]) {
        let limit = max(extent.width, 960)
        var x = 0.0
        var y = extent.height > 0 ? extent.height + 40 : 0
        var rowHeight = 0.0
        for box in alone {
            if x > 0, x + sizes[box].width > limit {
                x = 0
                y += rowHeight + Self.boxGap
                rowHeight = 0
            }
            corners[box] = Point(x: x, y: y)
            x += sizes[box].width + Self.boxGap
            rowHeight = max(rowHeight, sizes[box].height)
            extent.width = max(extent.width, x - Self.boxGap)
            extent.height = max(extent.height, y + rowHeight)
        }
    }
}
