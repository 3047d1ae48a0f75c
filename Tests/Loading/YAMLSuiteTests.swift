import FoundationEssentials
import Loading
import PlumbModel
import Testing

/// Cases of the YAML test suite, where a copy of them is at hand.
struct YAMLSuiteTests {
    private struct Case: Decodable {
        let id: String
        let name: String
        let yaml: String
        let must_fail: Bool
        let json_documents: String?
    }

    static let file: String = {
        let given = ProcessInfo.processInfo.environment["PLUMB_ORACLES"]
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let sibling = root.deletingLastPathComponent().appending(path: "shared/oracles").path()
        return (given ?? sibling) + "/yaml-1.2-cases.jsonl"
    }()

    @Test(.enabled(if: FileManager.default.fileExists(atPath: YAMLSuiteTests.file), "no copy of the YAML test suite"))
    func suite() throws {
        let text = String(decoding: try Data(contentsOf: URL(filePath: Self.file)), as: UTF8.self)
        var right = 0
        var refused = 0
        var rules = 0
        var parser = 0
        for line in text.split(separator: "\n") {
            let item = try JSONDecoder().decode(Case.self, from: Data(line.utf8))
            let reason = YAMLSuiteExceptions.reasons[item.id]
            let problem = problem(of: item)
            if let problem {
                guard let reason else {
                    Issue.record("\(item.id) \(item.name): \(problem)")
                    continue
                }
                if reason.isOurRule { rules += 1 } else { parser += 1 }
            } else {
                #expect(reason == nil, "\(item.id) is listed as an exception, but is right")
                if item.must_fail { refused += 1 } else { right += 1 }
            }
        }
        print(
            "YAML suite: \(right) read as expected, \(refused) refused as expected, \(rules) refused by our own rules, "
                + "\(parser) where libyaml errs")
        #expect(right + refused > 150)
    }

    /// What is wrong with our answer to a case; nil where it is right.
    private func problem(of item: Case) -> String? {
        do {
            let documents = try YAMLReader.read(SourceFile(path: item.id, text: item.yaml))
            if item.must_fail { return "accepted, but must fail" }
            guard let json = item.json_documents else { return nil }
            let expected = try JSONStream.values(json)
            let actual = documents.map(YAMLSuiteTests.value)
            return actual == expected ? nil : "\(actual.map(\.json)) is not \(expected.map(\.json))"
        } catch let problems as Diagnostics {
            guard item.must_fail else { return "refused: \(problems.all.map { "\($0.summary): \($0.detail)" })" }
            return problems.all.contains { $0.severity == .error && $0.source != nil } ? nil : "refused without a place"
        } catch {
            return "\(error)"
        }
    }

    static func value(_ node: SpecificationNode) -> Value {
        switch node.content {
        case .scalar(let scalar): scalar.value
        case .sequence(let nodes): .tuple(nodes.map(value))
        case .mapping(let entries): .object(ValueMap(entries.map { ($0.key, value($0.value)) }))
        }
    }
}

/// Splits JSON documents that follow each other.
private enum JSONStream {
    static func values(_ text: String) throws -> [Value] {
        var values: [Value] = []
        var pending = ""
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            pending += line + "\n"
            guard !pending.allSatisfy(\.isWhitespace), let value = try? Value(json: pending) else { continue }
            values.append(value)
            pending = ""
        }
        if pending.contains(where: { !$0.isWhitespace }) { values.append(try Value(json: pending)) }
        return values
    }
}
