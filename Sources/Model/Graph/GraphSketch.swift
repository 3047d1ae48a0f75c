/// The graph of a stack as it is drawn: what there is, what will become of it, and what depends on what.
public struct GraphSketch: Sendable {
    public struct Node: Sendable, Hashable {
        public enum Kind: String, Sendable, Codable { case resource, data, variable, local, output, module, provider }

        /// As it is written in specs: `builtin_file.motd["a"]`, `var.region`.
        public let address: String
        public let kind: Kind
        /// Nil where nothing changes, or where nothing was planned.
        public let action: PlannedChange.Action?

        public init(address: String, kind: Kind, action: PlannedChange.Action? = nil) {
            self.address = address
            self.kind = kind
            self.action = action
        }
    }

    /// `from` depends on `to`; both are indexes into `nodes`.
    public struct Edge: Sendable, Hashable {
        public let from: Int
        public let to: Int

        public init(from: Int, to: Int) {
            self.from = from
            self.to = to
        }
    }

    public var nodes: [Node]
    public var edges: [Edge]

    public init(nodes: [Node] = [], edges: [Edge] = []) {
        self.nodes = nodes
        self.edges = edges
    }
}
