/// A regular expression ready to run, in time that grows with the text alone: no pattern can make it hang.
struct RegexProgram {
    enum Instruction {
        case character(CharacterClass)
        /// Goes on at both places, and prefers the first.
        case split(Int, Int)
        case jump(Int)
        case save(Int)
        case assertion(RegexAssertion)
        case match
    }

    /// How many instructions a pattern may come to, and how many of them one search may run.
    static let maximumSize = 20_000
    static let maximumSteps = 50_000_000

    private(set) var instructions: [Instruction] = []
    /// The names of the groups from 1 on; nil where a group has none.
    let groups: [String?]

    init(_ pattern: String) throws(RegexError) {
        guard pattern.utf8.count <= 64 << 10 else { throw RegexError(message: "it is longer than 64 KiB") }
        var parser = RegexParser(pattern)
        let node = try parser.parse()
        groups = parser.groups
        try emit(.save(0))
        try compile(node)
        try emit(.save(1))
        try emit(.match)
    }

    private mutating func emit(_ instruction: Instruction) throws(RegexError) {
        guard instructions.count < RegexProgram.maximumSize else {
            throw RegexError(message: "it is too large; its repetitions multiply")
        }
        instructions.append(instruction)
    }

    private mutating func compile(_ node: RegexNode) throws(RegexError) {
        switch node {
        case .empty: break
        case .character(let set): try emit(.character(set))
        case .assertion(let kind): try emit(.assertion(kind))
        case .sequence(let parts): for part in parts { try compile(part) }
        case .capture(let inner, let index):
            try emit(.save(2 * index))
            try compile(inner)
            try emit(.save(2 * index + 1))
        case .alternatives(let branches): try compile(alternatives: branches)
        case .repetition(let inner, let least, let most, let isGreedy):
            for _ in 0..<least { try compile(inner) }
            if let most {
                try compile(inner, upTo: most - least, isGreedy)
            } else {
                try compile(loop: inner, isGreedy)
            }
        }
    }

    private mutating func compile(alternatives branches: [RegexNode]) throws(RegexError) {
        var ends: [Int] = []
        for branch in branches.dropLast() {
            let split = instructions.count
            try emit(.jump(0))
            try compile(branch)
            ends.append(instructions.count)
            try emit(.jump(0))
            instructions[split] = .split(split + 1, instructions.count)
        }
        if let last = branches.last { try compile(last) }
        for end in ends { instructions[end] = .jump(instructions.count) }
    }

    private mutating func compile(loop inner: RegexNode, _ isGreedy: Bool) throws(RegexError) {
        let split = instructions.count
        try emit(.jump(0))
        try compile(inner)
        try emit(.jump(split))
        let end = instructions.count
        instructions[split] = isGreedy ? .split(split + 1, end) : .split(end, split + 1)
    }

    private mutating func compile(_ inner: RegexNode, upTo count: Int, _ isGreedy: Bool) throws(RegexError) {
        var splits: [Int] = []
        for _ in 0..<count {
            splits.append(instructions.count)
            try emit(.jump(0))
            try compile(inner)
        }
        let end = instructions.count
        for split in splits { instructions[split] = isGreedy ? .split(split + 1, end) : .split(end, split + 1) }
    }
}
