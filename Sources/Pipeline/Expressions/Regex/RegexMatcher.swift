/// Runs a regular expression over one text, all its possibilities side by side.
struct RegexMatcher {
    /// One possibility: where in the program it is, and what its groups have caught.
    private struct Thread {
        let instruction: Int
        let captures: [Int]
    }

    /// The possibilities at one place of the text, the preferred first, each instruction at most once.
    private struct ThreadList {
        var threads: [Thread] = []
        var seenAt: [Int]

        init(_ size: Int) { seenAt = [Int](repeating: -1, count: size) }
    }

    private enum Work {
        case visit(Int)
        case restore(slot: Int, Int)
    }

    let text: [Unicode.Scalar]
    private let program: RegexProgram
    private let slots: Int
    private var current: ThreadList
    private var following: ThreadList
    private var steps = 0

    init(_ program: RegexProgram, _ text: String) {
        self.program = program
        self.text = Array(text.unicodeScalars)
        slots = 2 * (program.groups.count + 1)
        current = ThreadList(program.instructions.count)
        following = ThreadList(program.instructions.count)
    }

    /// All matches that do not overlap; each as the bounds of the whole and of its groups, -1 for a group not used.
    mutating func matches() throws(RegexError) -> [[Int]] {
        var found: [[Int]] = []
        var start = 0
        var lastEnd = -1
        while start <= text.count, let match = try first(from: start) {
            // An empty match directly behind another one is none.
            if match[1] > match[0] || match[1] != lastEnd { found.append(match) }
            lastEnd = match[1]
            start = match[1] > match[0] ? match[1] : match[1] + 1
        }
        return found
    }

    /// The first match at or behind a place.
    mutating func first(from start: Int) throws(RegexError) -> [Int]? {
        var best: [Int]?
        current.threads = []
        current.seenAt = [Int](repeating: -1, count: current.seenAt.count)
        following.seenAt = current.seenAt
        var place = start
        while true {
            if best == nil { try add(0, [Int](repeating: -1, count: slots), at: place, to: \.current) }
            if current.threads.isEmpty { return best }
            following.threads = []
            try advance(at: place, &best)
            guard place < text.count else { return best }
            swap(&current, &following)
            place += 1
        }
    }

    private mutating func advance(at place: Int, _ best: inout [Int]?) throws(RegexError) {
        for thread in current.threads {
            switch program.instructions[thread.instruction] {
            case .match:
                // What comes after it is preferred less.
                best = thread.captures
                return
            case .character(let set):
                try count()
                if place < text.count, set.contains(text[place]) {
                    try add(thread.instruction + 1, thread.captures, at: place + 1, to: \.following)
                }
            default: break
            }
        }
    }

    private mutating func count() throws(RegexError) {
        steps += 1
        if steps > RegexProgram.maximumSteps {
            throw RegexError(message: "matching took more than \(RegexProgram.maximumSteps) steps")
        }
    }

    /// Follows everything that takes no character, without recursion: patterns decide how deep it goes.
    private mutating func add(
        _ start: Int, _ initial: [Int], at place: Int, to list: WritableKeyPath<RegexMatcher, ThreadList>
    ) throws(RegexError) {
        var captures = initial
        var stack = [Work.visit(start)]
        while let work = stack.popLast() {
            guard case .visit(let instruction) = work else {
                if case .restore(let slot, let value) = work { captures[slot] = value }
                continue
            }
            if self[keyPath: list].seenAt[instruction] == place { continue }
            self[keyPath: list].seenAt[instruction] = place
            try count()
            switch program.instructions[instruction] {
            case .jump(let target): stack.append(.visit(target))
            case .split(let first, let second):
                stack.append(.visit(second))
                stack.append(.visit(first))
            case .save(let slot):
                stack.append(.restore(slot: slot, captures[slot]))
                captures[slot] = place
                stack.append(.visit(instruction + 1))
            case .assertion(let kind): if holds(kind, at: place) { stack.append(.visit(instruction + 1)) }
            case .character, .match:
                self[keyPath: list].threads.append(Thread(instruction: instruction, captures: captures))
            }
        }
    }

    private func holds(_ assertion: RegexAssertion, at place: Int) -> Bool {
        switch assertion {
        case .textStart: return place == 0
        case .textEnd: return place == text.count
        case .lineStart: return place == 0 || text[place - 1] == "\n"
        case .lineEnd: return place == text.count || text[place] == "\n"
        case .wordBoundary, .noWordBoundary:
            let before = place > 0 && CharacterClass.isWord(text[place - 1])
            let after = place < text.count && CharacterClass.isWord(text[place])
            return (before != after) == (assertion == .wordBoundary)
        }
    }

    /// The text between two places.
    func text(_ start: Int, _ end: Int) -> String {
        var view = String.UnicodeScalarView()
        view.append(contentsOf: text[start..<end])
        return String(view)
    }
}
