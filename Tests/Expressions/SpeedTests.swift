import Expressions
import PlumbModel
import Testing

@Suite struct SpeedTests {
    /// One reference to parse and to evaluate is what a spec of thousands of resources has in the thousands.
    @Test func tenThousandReferencesTakeNoTime() throws {
        let count = 10_000
        let line = "${net_server.web[\"a\"].id}\n"
        let file = SourceFile(path: "web.yaml", text: String(repeating: line, count: count))
        let scope = FixedScope(resources: [ResourceAddress("net_server", "web", key: .name("a")): ["id": "i-1"]])
        let text = String(line.dropLast())
        let scalar = Scalar(text: text, style: .plain, value: .string(text))
        let evaluator = Evaluator(scope: scope)
        let start = ContinuousClock.now
        for index in 0..<count {
            let begin = index * line.utf8.count
            let node = SpecificationNode(
                .scalar(scalar), at: SourceRange(file: file, start: begin, end: begin + line.utf8.count - 1))
            let value = try evaluator.evaluate(try ExpressionParser.parse(node))
            #expect(value.asString == "i-1")
        }
        let elapsed = ContinuousClock.now - start
        #if DEBUG
            let limit = Duration.seconds(3)
        #else
            let limit = Duration.milliseconds(300)
        #endif
        #expect(elapsed < limit)
        print("parsed and evaluated \(count) references in \(elapsed)")
    }
}
