/// The looks of a drawn graph, for light and for dark, as a style sheet of SVG.
///
/// Every colour is written out: few programs but browsers know variables and media queries, and they show the light form.
enum GraphStyle {
    private struct Palette {
        var paper: String
        var ink: String
        var dim: String
        var line: String
        /// Of boxes and cells by what becomes of them: inside and border.
        var fills: [(name: String, fill: String, border: String)]

        var rules: String {
            let own = """
                text { fill: \(ink); } .type, .count { fill: \(dim); } .paper { fill: \(paper); }
                .arrow { stroke: \(line); } .tip { fill: \(line); }

                """
            return own
                + fills.map { ".\($0.name) { fill: \($0.fill); stroke: \($0.border); }\n" }.joined()
        }
    }

    private static let light = Palette(
        paper: "#ffffff", ink: "#1f2328", dim: "#59636e", line: "#8c959f",
        fills: [
            ("none", "#f6f8fa", "#afb8c1"), ("create", "#dafbe1", "#2da44e"), ("change", "#fff3c4", "#bf8700"),
            ("replace", "#f6e3fb", "#a046b8"), ("destroy", "#ffe3e0", "#cf222e"), ("read", "#ddf4ff", "#218bff"),
            ("forget", "#eaeef2", "#6e7781"),
        ])

    private static let dark = Palette(
        paper: "#0d1117", ink: "#e6edf3", dim: "#9198a1", line: "#656c76",
        fills: [
            ("none", "#161b22", "#3d444d"), ("create", "#12361f", "#3fb950"), ("change", "#3b2e0a", "#d29922"),
            ("replace", "#351c40", "#bc6cd4"), ("destroy", "#481a1d", "#f85149"), ("read", "#0c2d4d", "#58a6ff"),
            ("forget", "#21262d", "#8b949e"),
        ])

    /// The style sheet, and the tip of arrows.
    static let text = """
        <style>
        text { font-family: ui-monospace, "DejaVu Sans Mono", Menlo, Consolas, monospace; }
        .name { font-size: 13px; font-weight: 600; } .type { font-size: 11px; } .key { font-size: 12px; }
        .count { font-weight: 400; } .box { stroke-width: 1.5; } .cell { stroke-width: 1; }
        .data { stroke-dasharray: 5 3; } .arrow { fill: none; stroke-width: 1.25; }
        \(light.rules)@media (prefers-color-scheme: dark) {
        \(dark.rules)}
        </style>
        <defs><marker id="tip" viewBox="0 0 8 8" refX="1" refY="4" markerWidth="8" markerHeight="8" \
        markerUnits="userSpaceOnUse" orient="auto"><path class="tip" d="M0 0L8 4L0 8Z"/></marker></defs>

        """
}
