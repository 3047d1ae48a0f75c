import PlumbModel
import ProviderAPI

/// Knows what each part of what a tool has printed was made of: helm names the template before each object.
struct RenderedOrigins {
    /// Of everything that has no mark of its own.
    private let whole: String
    /// In the order of their offsets.
    private var marks: [(offset: Int, origin: String)] = []

    private static let mark = Array("# Source: ".utf8)

    init(_ request: RenderingRequest, _ text: [UInt8]) {
        guard request.tool == "helm", let chart = request.settings[key: "chart"]?.asString else {
            let path = request.settings[key: "path"]?.asString ?? "."
            whole = "the overlay \(path)"
            return
        }
        whole = "the chart \(chart)"
        let isFolder =
            request.settings[key: "repository"]?.asString == nil && !chart.contains("://")
            && !chart.hasSuffix(".tgz")
        var start = 0
        while start < text.count {
            let end = text[start...].firstIndex(of: UInt8(ascii: "\n")) ?? text.count
            if text[start..<end].starts(with: Self.mark) {
                let name = String(decoding: text[(start + Self.mark.count)..<end], as: UTF8.self).filter { $0 != "\r" }
                // It begins with the chart's name, which need not be that of its folder.
                let inner = name.split(separator: "/", maxSplits: 1).last.map(String.init) ?? name
                marks.append(
                    (start, isFolder ? FileName.normal("\(chart)/\(inner)") : "\(inner) of the chart \(chart)"))
            }
            start = end + 1
        }
    }

    /// - Parameter offset: of the first byte of an object.
    func origin(at offset: Int) -> String {
        var (low, high) = (0, marks.count)
        while low < high {
            let middle = (low + high) / 2
            if marks[middle].offset <= offset { low = middle + 1 } else { high = middle }
        }
        return low == 0 ? whole : marks[low - 1].origin
    }
}
