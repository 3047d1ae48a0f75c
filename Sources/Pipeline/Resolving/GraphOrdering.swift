internal import Expressions
internal import PlumbModel

/// Puts instances into an order in which each comes after all that it waits for, or says which circle forbids it.
///
/// Works on nodes and, beside them, one group a declaration, which stands for all its instances: so that an instance
/// that waits for ten thousand others has one edge and not ten thousand.
struct GraphOrdering {
    private let declarations: [ResolvedResource]
    private let nodes: [ResourceNode]
    private let references: ReferenceIndex

    init(declarations: [ResolvedResource], nodes: [ResourceNode], references: ReferenceIndex) {
        self.declarations = declarations
        self.nodes = nodes
        self.references = references
    }

    private enum Mark { case new, open, done }

    /// A vertex whose edges are being followed.
    private struct Frame {
        let vertex: Int
        var next: Int
    }

    func order() throws(Diagnostics) -> [GraphEntry] {
        var marks = [Mark](repeating: .new, count: nodes.count + declarations.count)
        var order: [GraphEntry] = []
        order.reserveCapacity(nodes.count)
        for start in marks.indices where marks[start] == .new {
            var stack = [Frame(vertex: start, next: 0)]
            marks[start] = .open
            while let top = stack.last {
                guard let edge = edge(of: top.vertex, at: top.next) else {
                    marks[top.vertex] = .done
                    append(top.vertex, to: &order)
                    stack.removeLast()
                    continue
                }
                stack[stack.count - 1].next += 1
                switch marks[edge] {
                case .done: continue
                case .open: throw cycle(stack.map(\.vertex), closingAt: edge)
                case .new:
                    marks[edge] = .open
                    stack.append(Frame(vertex: edge, next: 0))
                }
            }
        }
        return order
    }

    /// The `position`th vertex that `vertex` waits for; nil after the last.
    private func edge(of vertex: Int, at position: Int) -> Int? {
        if vertex < nodes.count {
            let node = nodes[vertex]
            if position < node.dependencies.count { return node.dependencies[position] }
            let shared = declarations[node.declaration].dependencies
            let index = position - node.dependencies.count
            return index < shared.count ? nodes.count + shared[index] : nil
        }
        let declaration = declarations[vertex - nodes.count]
        if case .deferred = declaration.expansion {
            return position < declaration.dependencies.count ? nodes.count + declaration.dependencies[position] : nil
        }
        return position < declaration.instances.count ? declaration.instances.lowerBound + position : nil
    }

    private func append(_ vertex: Int, to order: inout [GraphEntry]) {
        if vertex < nodes.count {
            order.append(.node(vertex))
        } else if case .deferred = declarations[vertex - nodes.count].expansion {
            order.append(.deferred(vertex - nodes.count))
        }
    }

    // MARK: - Cycles

    private func cycle(_ path: [Int], closingAt vertex: Int) -> Diagnostics {
        let start = path.firstIndex(of: vertex) ?? path.startIndex
        var members: [(address: ResourceAddress, declaration: Int)] = []
        for member in path[start...] {
            if member < nodes.count {
                let node = nodes[member]
                members.append((declarations[node.declaration].address.instance(node.key), node.declaration))
            } else if case .deferred = declarations[member - nodes.count].expansion {
                members.append((declarations[member - nodes.count].address, member - nodes.count))
            }
        }
        let names = (members + members.prefix(1)).map(\.address.description).joined(separator: " -> ")
        var notes: [Diagnostic.Note] = []
        for (index, member) in members.enumerated() {
            let next = members[(index + 1) % members.count]
            let range = reference(from: member.declaration, to: next.declaration)
            let how =
                range == nil
                ? "waits for \(next.address), by `depends_on`, by the settings of its provider, or because its kind needs the other one"
                : "refers to \(next.address)"
            notes.append(.init("\(member.address) \(how).", at: range ?? declarations[member.declaration].range))
        }
        let detail =
            members.count == 1
            ? "\(notes.first?.text.dropLast() ?? ""): it waits for itself. Take the value from elsewhere, such as a local."
            : "These resources wait for each other in a circle: \(names). Remove one of the references below."
        return Diagnostics(
            .error(
                "Cycle", detail, address: members.first?.address, at: notes.first?.source,
                notes: Array(notes.dropFirst())))
    }

    /// Where a declaration names another one.
    private func reference(from index: Int, to target: Int) -> SourceRange? {
        let declaration = declarations[index]
        for expression in [declaration.spec] + declaration.meta.allExpressions {
            for found in expression.references {
                let isMeant =
                    references.declaration(found, in: declaration.module) == target
                    || references.declarations(behind: found, in: declaration.module).contains(target)
                if isMeant { return found.range }
            }
        }
        return nil
    }
}
