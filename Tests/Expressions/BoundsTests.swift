import Expressions
import PlumbModel
import Synchronization
import Testing

#if canImport(Glibc)
    import Glibc
#endif

@Suite struct BoundsTests {
    static let bombs = [
        String(repeating: "(", count: 10_000) + "1" + String(repeating: ")", count: 10_000),
        String(repeating: "!", count: 10_000) + "true", String(repeating: "-", count: 10_000) + "1",
        String(repeating: "[", count: 10_000), String(repeating: "{a=", count: 10_000),
        "1" + String(repeating: " + 1", count: 10_000), "1" + String(repeating: " * 1 + 1", count: 10_000),
        "true" + String(repeating: " ? true", count: 10_000), String(repeating: "\"${", count: 10_000),
        "var.a" + String(repeating: ".b", count: 10_000), "var.a" + String(repeating: "[0]", count: 10_000),
        "var.a" + String(repeating: "[*]", count: 10_000), "var.a" + String(repeating: ".*", count: 10_000),
        String(repeating: "upper(", count: 10_000), String(repeating: "[for x in ", count: 10_000),
        "\"" + String(repeating: "%{ if true }", count: 10_000) + "\"",
        "[" + String(repeating: "(1 + ", count: 90) + "1" + String(repeating: ")", count: 90)
            + String(repeating: " + 1", count: 90) + "]",
        String(repeating: "<<A\n${", count: 1000), "{" + String(repeating: "\n", count: 100_000),
        "range(0, 1e12)", "range(0, 1, 0.0001)", "format(\"%1000000000d\", 1)",
        "format(\"%.99999999999999999999f\", 1)",
        "indent(1000000000, \"a\\nb\")",
        "setproduct(range(1000), range(1000), range(1000))",
        "[for a in range(1000) : [for b in range(1000) : [for c in range(1000) : [for d in range(1000) : d]]]]",
        "join(\"\(String(repeating: "x", count: 100_000))\", range(1000))",
        "replace(join(\"\", range(1000)), \"\", \"\(String(repeating: "x", count: 100_000))\")",
        "replace(join(\"\", range(1000)), \"/./\", \"\(String(repeating: "x", count: 100_000))\")",
        "\"%{ for a in range(1000) }%{ for b in range(1000) }\(String(repeating: "x", count: 100))%{ endfor }%{ endfor }\"",
        "regex(\"((a{1000}){1000}){1000}\", \"a\")", "regex(\"\(String(repeating: "(", count: 10_000))\", \"a\")",
        "jsondecode(\"\(String(repeating: "[", count: 10_000))\")",
        "yamldecode(\"\(String(repeating: "[", count: 10_000))\")",
        "yamldecode(\"a: &a [1,1,1,1,1,1,1,1]\\n\(yamlBomb)\")",
        bomb(of: 40) { "[for x in [1] : [\($0), \($0)]]" },
    ]

    /// Each alias stands for eight of the one before.
    private static let yamlBomb = (0..<12).map { level in
        let (name, before) = (UnicodeScalar(UInt8(98 + level)), UnicodeScalar(UInt8(97 + level)))
        return "\(name): &\(name) [" + Array(repeating: "*\(before)", count: 8).joined(separator: ",") + "]\\n"
    }.joined()

    private static func bomb(of levels: Int, _ grow: (String) -> String) -> String {
        // Shared parts: as small in memory as it is large to walk.
        (0..<levels).reduce("[1]") { inner, level in "[for x\(level) in [\(inner)] : [x\(level), x\(level)]]" }
            + " == []"
    }

    /// On a thread with as little stack as the runtime's own have.
    @Test(arguments: bombs.indices) func bombsAreRefused(_ index: Int) throws {
        let result = onSmallStack { problem(BoundsTests.bombs[index]) }
        let found = try #require(result, "it has a value: \(BoundsTests.bombs[index].prefix(80))")
        #expect(!found.summary.isEmpty && !found.detail.isEmpty)
    }

    @Test func whatIsDeepButAllowedFitsOnASmallStack() throws {
        // Code that is not optimised takes several times the stack.
        #if DEBUG
            let levels = 14
        #else
            let levels = 40
        #endif
        let parentheses = String(repeating: "(", count: levels) + "1" + String(repeating: ")", count: levels)
        let lists = String(repeating: "[", count: levels) + "1" + String(repeating: "]", count: levels)
        let calls = String(repeating: "upper(", count: levels) + "\"a\"" + String(repeating: ")", count: levels)
        let sums = "1" + String(repeating: " + 1", count: 2 * levels)
        let choices =
            String(repeating: "true ? ", count: levels / 2) + "1" + String(repeating: " : 2", count: levels / 2)
        for text in [parentheses, lists, calls, sums, choices] {
            #expect(onSmallStack { problem(text) } == nil, "\(text.prefix(40))")
        }
    }

    @Test func whateverIsAStringCanBeWrittenAsYAML() throws {
        let key = String(repeating: "k", count: 300)
        for text in [
            "\"\\u0000\"", "\"\\ufeff\\n\\u0085\"", "{\"\(key)\" = \"\\n\"}", "\"\\n\"", "\"\"", "{\"\" = [[[{}]]]}",
            "\"\\uffff\"",
        ] {
            let written = try evaluate("yamlencode(\(text))")
            #expect(written.asString?.isEmpty == false)
        }
    }

    @Test func patternsCannotHang() throws {
        let text = String(repeating: "a", count: 5000)
        #expect(problem("regex(\"(a+)+$\", \"\(text)b\")")?.detail.contains("does not match") == true)
        #expect(problem("regex(\"(a|aa)+b\", \"\(text)\")")?.detail.contains("does not match") == true)
        #expect(try evaluate("regexall(\"(x+x+)+y|a\", \"\(text)\")").asList?.count == 5000)
    }

    /// Runs the body on a thread with a stack of 512 KiB.
    private func onSmallStack(_ body: @escaping @Sendable () -> Diagnostic?) -> Diagnostic? {
        final class Job: Sendable {
            let body: @Sendable () -> Diagnostic?
            let result = Mutex<Diagnostic?>(nil)
            init(_ body: @escaping @Sendable () -> Diagnostic?) { self.body = body }
        }
        let job = Job(body)
        let attributes = UnsafeMutablePointer<pthread_attr_t>.allocate(capacity: 1)
        defer { attributes.deallocate() }
        pthread_attr_init(attributes)
        pthread_attr_setstacksize(attributes, 512 << 10)
        var thread = pthread_t()
        let handle = Unmanaged.passRetained(job)
        let status = pthread_create(
            &thread, attributes,
            { handle in
                guard let handle else { return nil }
                let job = Unmanaged<Job>.fromOpaque(handle).takeRetainedValue()
                let found = job.body()
                job.result.withLock { $0 = found }
                return nil
            }, handle.toOpaque())
        #expect(status == 0)
        pthread_join(thread, nil)
        return job.result.withLock { $0 }
    }
}
