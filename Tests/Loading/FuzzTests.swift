import FoundationEssentials
import Loading
import PlumbModel
import StackFixtures
import Testing

/// Random changes of real specs: whatever comes out is read or refused, without a crash and without a hang.
struct FuzzTests {
    /// The same numbers in each run (SplitMix64).
    private struct Dice: RandomNumberGenerator {
        var state: UInt64

        mutating func next() -> UInt64 {
            state &+= 0x9E37_79B9_7F4A_7C15
            var mixed = state
            mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
            mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
            return mixed ^ (mixed >> 31)
        }
    }

    private static let fragments: [[UInt8]] =
        [
            "${", "}", "\"", "'", ": ", " #", "\t", "\n", "- ", "? ", "&a ", "*a", "<<: *a\n", "!!int ", "!x ", "|\n",
            ">-\n",
            "[", "]", "{", "}", ",", "---\n", "...\n", "%TAG ! x\n", "%{ if }", "\r\n", "\u{85}", "\u{2028}",
            "\u{FEFF}", "ß",
            "0o17", ".inf", "99999999999999999999", "\\x", "\\", "~", "resources:\n", "data:\n", "  ",
            "apiVersion: v1\n",
        ].map { Array($0.utf8) } + [[0], [0xFF, 0xFE], [0xC3], [0x1B]]

    private static let valid = """
        # A spec of everything.
        variables:
          zones: {type: "map(string)", default: {}, validation: [{condition: "${true}", error: No.}]}
        locals: &locals
          prefix: ${stack.name}-größe
          text: |
            several lines ${local.prefix}
              indented
          folded: >-
            one
            ${var.zones}
          quoted: "a \\u00e4 \\t ${x} \\
            more"
          single: 'it''s ${x}'
          numbers: [1, -2.5e3, 0o17, 0x1F, ~, true]
        resources:
          builtin_file.motd:
            for_each: ${var.zones}
            spec: &spec {path: /etc/motd, mode: "0644"}
          builtin_file.issue:
            spec: {<<: *spec, path: /etc/issue}
        outputs:
          all: {value: "${[for f in builtin_file.motd : f.path]}"}
        ---
        apiVersion: v1
        kind: ConfigMap
        metadata: {name: a}
        data:
          a: b
        """

    private func corpus() throws -> [[UInt8]] {
        let valid = Array(repeating: Array(Self.valid.utf8), count: 100)
        return try valid
            + InvalidCaseTests.cases.names.flatMap { name in
                let folder = InvalidCaseTests.cases.path(of: name)
                return try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
                    .filter { $0.hasSuffix(".yaml") }
                    .map { Array(try Data(contentsOf: URL(filePath: folder + "/" + $0))) }
            }
    }

    @Test func mutationsNeitherCrashNorHang() throws {
        let corpus = try corpus()
        var dice = Dice(state: 20_26)
        let clock = ContinuousClock()
        var slowest = Duration.zero
        var accepted = 0
        var refused = 0
        // The dice fall alike each time: what is tried does not hang on the machine's speed.
        while accepted + refused < 6_000 {
            let bytes = mutated(corpus, &dice)
            let began = clock.now
            let source = MemorySource(
                name: "fuzz", contents: ["stack.yaml": Array("stack: a\n".utf8), "a.yaml": bytes])
            do {
                let specification = try SpecLoader(source: source).load()
                accepted += 1
                walk(specification)
            } catch {
                refused += 1
                check(error)
            }
            slowest = max(slowest, clock.now - began)
        }
        print("Loader fuzz: \(accepted) accepted, \(refused) refused, slowest \(slowest)")
        #expect(refused > 100 && accepted > 100)
        #expect(slowest < .seconds(60), "that is a hang, on any machine")
    }

    private func mutated(_ corpus: [[UInt8]], _ dice: inout Dice) -> [UInt8] {
        var bytes = corpus.randomElement(using: &dice) ?? []
        for _ in 0..<Int.random(in: 1...6, using: &dice) {
            let place = Int.random(in: 0...bytes.count, using: &dice)
            switch Int.random(in: 0..<5, using: &dice) {
            case 0: bytes.insert(contentsOf: Self.fragments.randomElement(using: &dice) ?? [], at: place)
            case 1: bytes.removeSubrange(place..<min(bytes.count, place + Int.random(in: 1...8, using: &dice)))
            case 2 where place < bytes.count: bytes[place] = UInt8.random(in: 0...255, using: &dice)
            case 3:
                let other = corpus.randomElement(using: &dice) ?? []
                let from = Int.random(in: 0...other.count, using: &dice)
                bytes.insert(contentsOf: other[from..<min(other.count, from + 40)], at: place)
            default:
                let end = min(bytes.count, place + Int.random(in: 1...30, using: &dice))
                bytes.insert(contentsOf: bytes[place..<end], at: place)
            }
        }
        return bytes
    }

    /// Every problem can be told: its place lies in its file.
    private func check(_ problems: Diagnostics) {
        #expect(problems.hasErrors)
        for problem in problems.all {
            guard let source = problem.source else { continue }
            #expect(source.start <= source.file.bytes.count && source.end <= source.file.bytes.count)
            #expect(!problem.detail.isEmpty && source.startPosition.line <= source.file.lineCount)
        }
    }

    private func walk(_ specification: Specification) {
        for local in specification.locals { walk(local.node) }
        for resource in specification.resources { resource.spec.map { walk($0) } }
        for manifest in specification.resources.flatMap(\.manifests) { walk(manifest.node) }
    }

    private func walk(_ node: SpecificationNode) {
        #expect(node.range.start <= node.range.end && node.range.end <= node.range.file.bytes.count)
        switch node.content {
        case .scalar(let scalar):
            let count = scalar.text.utf8.count
            let part = node.range(ofText: count / 2..<count)
            #expect(part.start >= node.range.start && part.end <= node.range.end)
        case .sequence(let nodes): nodes.forEach { walk($0) }
        case .mapping(let entries): entries.forEach { walk($0.value) }
        }
    }
}
