public import PlumbModel

/// Tests as JSON, one object a line: `run` when a run has ended, `file` when a file has, and last `summary`.
public enum StackTestDocument {
    /// Ends with a line end; empty for events that programs need not know of.
    public static func line(_ event: StackTestEvent) -> String {
        switch event {
        case .fileStarted, .tearingDown: return ""
        case .runFinished(let path, let run):
            return text([
                "type": "run", "file": .string(path), "run": .string(run.name),
                "command": .string(run.command.rawValue), "status": .string(run.status.rawValue),
                "line": .number(run.place.line), "seconds": seconds(run.duration),
                "diagnostics": document(run.diagnostics),
            ])
        case .fileFinished(let result):
            return text([
                "type": "file", "file": .string(result.path), "status": result.succeeded ? "passed" : "failed",
                "seconds": seconds(result.duration), "warnings": document(result.warnings),
                "leftovers": result.leftovers.map(document) ?? .null,
            ])
        }
    }

    /// Ends with a line end.
    public static func summary(_ results: [StackTestResult]) -> String {
        let tally = StackTestTally(results)
        return text([
            "type": "summary", "status": tally.succeeded ? "passed" : "failed", "passed": .number(tally.passed),
            "failed": .number(tally.failed), "errors": .number(tally.errors), "skipped": .number(tally.skipped),
            "seconds": seconds(tally.duration),
        ])
    }

    private static func text(_ value: Value) -> String { value.json + "\n" }

    private static func document(_ diagnostics: Diagnostics) -> Value {
        .tuple(diagnostics.all.map(DiagnosticReport.document))
    }

    private static func document(_ leftovers: StackTestResult.Leftovers) -> Value {
        [
            "resources": .tuple(leftovers.resources.map { .string($0.description) }),
            "state": .string(leftovers.state), "diagnostics": document(leftovers.diagnostics),
        ]
    }

    /// Milliseconds are as exact as anybody needs.
    static func seconds(_ duration: Double) -> Value { .number(Number((duration * 1000).rounded() / 1000)) }
}
