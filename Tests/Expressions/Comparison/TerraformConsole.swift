import Foundation
import PlumbModel

/// What Terraform answers to an expression.
struct TerraformAnswer: Equatable {
    let expression: String
    /// As `jsonencode` writes the value; nil where Terraform refuses the expression.
    let json: String?
    /// As its console prints the value, types and all.
    let text: String?

    init(_ expression: String, json: String?, text: String?) {
        self.expression = expression
        self.json = json
        self.text = text
    }

    init?(line: some StringProtocol) {
        guard let row = try? Value(json: String(line)), let expression = row[key: "expression"]?.asString else {
            return nil
        }
        self.init(expression, json: row[key: "json"]?.asString, text: row[key: "text"]?.asString)
    }

    var line: String {
        var row = ValueMap([("expression", .string(expression))])
        if let json { row["json"] = .string(json) }
        if let text { row["text"] = .string(text) }
        return Value.object(row).json
    }
}

/// Asks the real Terraform.
struct TerraformConsole {
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    static let program: String? = {
        let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
        return folders.map { "\($0)/terraform" }.first { FileManager.default.isExecutableFile(atPath: $0) }
    }()

    /// What functions that read files find, by path.
    static let files: [String: [UInt8]] = [
        "a.txt": Array("hello\n".utf8), "c.txt": Array("c".utf8), "sub/b.txt": Array("bé".utf8),
        "sub/deep/c.md": Array("# c".utf8), "binary.bin": [0, 255, 254, 65],
        "t.tpl": Array("Hi ${name}:%{ for i in items }\n- ${upper(i)}%{ endfor }\n".utf8), "v.tpl": Array("${v}".utf8),
        "nested.tpl": Array("${templatefile(\"v.tpl\", {v = 1})}".utf8), "bad.tpl": Array("${".utf8),
    ]

    private let program: String
    private let folder: URL

    init(_ program: String) throws {
        self.program = program
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("plumb-terraform-\(UUID().uuidString)")
        for (path, bytes) in Self.files {
            let file = folder.appendingPathComponent(path)
            try FileManager.default.createDirectory(
                at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data(bytes).write(to: file)
        }
    }

    func remove() { try? FileManager.default.removeItem(at: folder) }

    /// The answers to expressions that Terraform can read, by one process.
    func answers(to expressions: [String]) throws -> [TerraformAnswer] {
        var program = "locals {\n  json = {\n"
        for (index, expression) in expressions.enumerated() {
            program += "    \(Self.key(index)) = try(nonsensitive(jsonencode(\(expression)\n)), \"refused!\")\n"
        }
        program += "  }\n  text = {\n"
        for (index, expression) in expressions.enumerated() {
            program += "    \(Self.key(index)) = try(\(expression)\n, \"refused!\")\n"
        }
        program += "  }\n}\n"
        let question = "{json = base64encode(jsonencode(local.json)), text = local.text}"
        let output = try ask(question, of: program)
        guard let (json, texts) = Self.split(output) else {
            let unknown = Self.entries(output.split(separator: "\n"), indent: 4).filter {
                $0.value.contains("known after")
            }
            let culprits = unknown.keys.compactMap { Int($0.dropFirst()) }.map { expressions[$0] }
            throw Failure(description: "no answer; unknown are: \(culprits.sorted())")
        }
        return expressions.enumerated().map { index, expression in
            let answer = json[Self.key(index)]
            guard let answer, answer != "refused!" else { return TerraformAnswer(expression, json: nil, text: nil) }
            return TerraformAnswer(expression, json: answer, text: texts[Self.key(index)])
        }
    }

    /// Whether Terraform refuses an expression before it evaluates anything.
    func refuses(_ expression: String) -> Bool {
        // The console takes one line; in a file, an invalid reference would only be unknown.
        let isOneLine = !expression.contains("\n")
        let program = isOneLine ? "" : "locals {\n  value = (\(expression)\n)\n}\n"
        return (try? ask(isOneLine ? expression : "local.value", of: program)) == nil
    }

    private static func key(_ index: Int) -> String {
        "e" + String(repeating: "0", count: 5 - String(index).count) + String(index)
    }

    private func ask(_ question: String, of program: String) throws -> String {
        try Data(program.utf8).write(to: folder.appendingPathComponent("main.tf"))
        let process = Process()
        process.executableURL = URL(fileURLWithPath: self.program)
        process.arguments = ["console"]
        process.currentDirectoryURL = folder
        process.environment = [
            "PATH": "/usr/bin:/bin", "HOME": folder.path, "CHECKPOINT_DISABLE": "1", "NO_COLOR": "1",
        ]
        let input = Pipe()
        let answers = folder.appendingPathComponent("answers")
        try Data().write(to: answers)
        process.standardInput = input
        process.standardOutput = try FileHandle(forWritingTo: answers)
        process.standardError = process.standardOutput
        try process.run()
        try input.fileHandleForWriting.write(contentsOf: Data((question + "\n").utf8))
        try input.fileHandleForWriting.close()
        process.waitUntilExit()
        let output = String(decoding: try Data(contentsOf: answers), as: UTF8.self)
        guard process.terminationStatus == 0 else { throw Failure(description: Self.citing(program, in: output)) }
        return output
    }

    /// Terraform's words with the lines of the program that they speak of.
    private static func citing(_ program: String, in output: String) -> String {
        let lines = program.split(separator: "\n", omittingEmptySubsequences: false)
        let numbers = output.matches(of: #/main\.tf line (\d+)/#).compactMap { Int($0.output.1) }
        let cited = numbers.filter { lines.indices.contains($0 - 1) }.map { "\($0): \(lines[$0 - 1])" }
        return output + "\n" + cited.joined(separator: "\n")
    }

    /// Takes `{ "json" = "…", "text" = { "e00000" = … } }` apart.
    private static func split(_ output: String) -> (json: [String: String], texts: [String: String])? {
        let lines = output.split(separator: "\n", omittingEmptySubsequences: false)
        let mark = "  \"json\" = \""
        guard let line = lines.first(where: { $0.hasPrefix(mark) }),
            let data = Data(base64Encoded: String(line.dropFirst(mark.count).dropLast())),
            let map = try? Value(json: String(decoding: data, as: UTF8.self)).asMap
        else { return nil }
        let json = Dictionary(uniqueKeysWithValues: map.map { ($0.key, $0.value.asString ?? "") })
        let start = lines.firstIndex { $0 == "  \"text\" = {" } ?? lines.count
        return (json, entries(lines[start...].dropFirst(), indent: 4))
    }

    /// The texts of an object's entries, by key; each as it would stand alone.
    static func entries(_ lines: some Sequence<Substring>, indent: Int) -> [String: String] {
        let margin = String(repeating: " ", count: indent)
        var texts: [String: String] = [:]
        var current = ""
        for line in lines {
            if let found = line.prefixMatch(of: #/( *)"(e\d{5})" = /#), found.output.1.count == indent {
                current = String(found.output.2)
                texts[current] = String(line[found.range.upperBound...])
            } else if line == margin.dropLast(2) + "}" {
                break
            } else if !current.isEmpty {
                texts[current, default: ""] += "\n" + (line.hasPrefix(margin) ? line.dropFirst(indent) : line)
            }
        }
        return texts
    }
}
