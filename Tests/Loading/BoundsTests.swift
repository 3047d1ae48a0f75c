import Loading
import PlumbModel
import Testing

#if canImport(Glibc)
    import Glibc
#endif

/// What a hostile or enormous file must not be able to do.
struct BoundsTests {
    private func summary(_ text: String) -> String? {
        do {
            _ = try YAMLReader.read(SourceFile(path: "a.yaml", text: text))
            return nil
        } catch {
            return error.all.last?.summary
        }
    }

    private func repeated(_ text: String, _ count: Int) -> String { String(repeating: text, count: count) }

    @Test func nestingWithinTheBound() {
        #expect(summary(repeated("[", 200) + repeated("]", 200)) == nil)
        #expect(summary(repeated("[", 201) + repeated("]", 201)) == "Nesting is too deep")
    }

    /// On a thread with the smallest stack there is.
    @Test func tenThousandDeepOnASmallStack() throws {
        let block = (0..<10_000).map { repeated(" ", $0) + "a:\n" }.joined()
        let texts = [
            repeated("[", 10_000) + repeated("]", 10_000), repeated("{a: ", 10_000), repeated("[", 100_000),
            repeated("- ", 10_000) + "x", repeated("? ", 10_000) + "x", block,
        ]
        for text in texts {
            #expect(try SmallStack.run { summary(text) } == "Nesting is too deep")
        }
        // The deepest tree that is accepted comes and goes on that stack, too.
        let deepest = repeated("[", 200) + repeated("]", 200)
        #expect(try SmallStack.run { summary(deepest) } == nil)
    }

    @Test func nestingThroughAliases() {
        let chain = (1..<10_000).map { "k\($0): &a\($0) [*a\($0 - 1)]\n" }.joined()
        #expect(summary("k0: &a0 [x]\n" + chain) == "Nesting is too deep")
    }

    @Test func aliasBomb() {
        let lines = (1..<9).map { "a\($0): &a\($0) [" + repeated("*a\($0 - 1), ", 9) + "*a\($0 - 1)]\n" }.joined()
        #expect(summary("a0: &a0 lol\n" + lines) == "Aliases repeat too much")
    }

    @Test func mergeBomb() {
        let base = "base: &base {" + (0..<2_000).map { "k\($0): 1" }.joined(separator: ", ") + "}\n"
        let uses = (0..<2_000).map { "u\($0): {<<: *base}\n" }.joined()
        #expect(summary(base + uses) == "Aliases repeat too much")
    }

    @Test func honestAliasesStayWithinTheBound() {
        let uses = (0..<5_000).map { "u\($0): *base\n" }.joined()
        #expect(summary("base: &base {a: 1, b: [1, 2, 3]}\n" + uses) == nil)
    }

    @Test func hugeScalars() throws {
        for text in ["a: " + repeated("x", 5_000_000), "a: \"" + repeated("y ", 2_500_000) + "\""] {
            let file = SourceFile(path: "a.yaml", text: text)
            #expect(try YAMLReader.read(file)[0]["a"]?.scalar?.text.utf8.count ?? 0 >= 4_999_999)
        }
        #expect(summary("a: " + repeated("9", 1_000_000)) == "Number is too large")
        #expect(summary(repeated("k", 100_000) + ": 1\n") != nil)
    }

    @Test func manyProblemsAreCut() {
        do {
            _ = try YAMLReader.read(SourceFile(path: "a.yaml", text: (0..<100_000).map { "\($0): x\n" }.joined()))
            Issue.record("accepted")
        } catch {
            #expect(error.all.count == 101)
            #expect(error.all.last?.summary == "Too many problems in one file")
        }
    }

    @Test func manyTagDirectives() {
        let lines = (0..<100_000).map { "%TAG !t\($0)! x\n" }.joined()
        #expect(summary(lines + "---\na: 1\n") == "Too many tag directives")
    }

    @Test func fiftyMegabytes() throws {
        let entry = "- name: a name of some length\n  text: " + repeated("words and more words ", 45) + "\n"
        let count = 50 * 1_048_576 / entry.utf8.count
        let file = SourceFile(path: "a.yaml", text: repeated(entry, count))
        let clock = ContinuousClock()
        let start = clock.now
        let documents = try YAMLReader.read(file)
        print("\(file.bytes.count) bytes of YAML, \(file.lineCount) lines: \(clock.now - start)")
        #expect(documents[0].sequence?.count == count)
        #expect(documents[0].range.end == file.bytes.count - 1 - 1)
    }

    @Test func largerThanTheBound() {
        #expect(summary(repeated(" ", SourceFile.maximumSize + 1)) == "File is too large")
    }
}

/// Runs work on a thread with a stack of 256 KiB.
enum SmallStack {
    private final class Job {
        let work: () -> Void
        init(_ work: @escaping () -> Void) { self.work = work }
    }

    static func run<Result>(_ body: () -> Result) throws -> Result {
        var result: Result?
        try withoutActuallyEscaping({ result = body() }) { work in
            let attributes = UnsafeMutablePointer<pthread_attr_t>.allocate(capacity: 1)
            pthread_attr_init(attributes)
            defer {
                pthread_attr_destroy(attributes)
                attributes.deallocate()
            }
            try #require(pthread_attr_setstacksize(attributes, 256 << 10) == 0)
            var thread: pthread_t = 0
            let job = Unmanaged.passRetained(Job(work))
            let code = pthread_create(
                &thread, attributes,
                { pointer in
                    guard let pointer else { return nil }
                    Unmanaged<Job>.fromOpaque(pointer).takeRetainedValue().work()
                    return nil
                }, job.toOpaque())
            try #require(code == 0)
            pthread_join(thread, nil)
        }
        return try #require(result)
    }
}
