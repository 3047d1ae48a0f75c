import Foundation
import Testing

/// One configuration, written for Terraform and for Plumbline, that is planned and applied step by step.
///
/// The folder holds a folder for each step (`1`, `2`, …) with `main.tf` and `main.yaml`, and maybe `options`: a line for
/// each option of Terraform's `plan`, and `taint ADDRESS` for what is to be done before it. A file `differences` beside them
/// has what Plumbline means to do differently, with the reason after a `#`.
struct ComparisonCase: Sendable, CustomTestStringConvertible {
    struct Step: Sendable {
        let folder: URL
        /// As `terraform plan` takes them.
        let options: [String]
        /// Addresses as Terraform has them.
        let taints: [String]
    }

    let name: String
    let folder: URL
    let steps: [Step]
    /// Lines as the comparison reports them.
    let knownDifferences: Set<String>

    var testDescription: String { name }

    /// Terraform's answers, recorded.
    var recording: URL { folder.appendingPathComponent("terraform.json") }

    static let root = Repository.root.appendingPathComponent("Tests/EndToEnd/Cases/terraform")

    /// Cases of parts that do not work yet, by the file `waiting`.
    static let waiting: Set<String> = {
        let text = (try? String(contentsOf: root.appendingPathComponent("waiting"), encoding: .utf8)) ?? ""
        return Set(text.split(separator: "\n").map(String.init).filter { !$0.hasPrefix("#") })
    }()

    /// In the order of their names; `CASES` in the environment picks those whose names contain it.
    static let all: [ComparisonCase] = {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: root.path)) ?? []
        let wanted = ProcessInfo.processInfo.environment["CASES"] ?? ""
        return names.sorted().filter { wanted.isEmpty || $0.contains(wanted) }.map(ComparisonCase.init).filter {
            !$0.steps.isEmpty
        }
    }()

    private init(_ name: String) {
        self.name = name
        folder = Self.root.appendingPathComponent(name)
        var steps: [Step] = []
        while case let step = folder.appendingPathComponent("\(steps.count + 1)"),
            FileManager.default.fileExists(atPath: step.path)
        {
            let file = step.appendingPathComponent("options")
            let lines = ((try? String(contentsOf: file, encoding: .utf8)) ?? "").split(separator: "\n").map(String.init)
            steps.append(
                Step(
                    folder: step, options: lines.filter { $0.hasPrefix("-") },
                    taints: lines.filter { $0.hasPrefix("taint ") }.map { String($0.dropFirst(6)) }))
        }
        self.steps = steps
        let known = try? String(contentsOf: folder.appendingPathComponent("differences"), encoding: .utf8)
        knownDifferences = Set((known ?? "").split(separator: "\n").map(String.init).filter { !$0.hasPrefix("#") })
    }
}
