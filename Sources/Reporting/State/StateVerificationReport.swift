public import PlumbModel

/// What was looked at in a state, and whether it is whole. The problems themselves are told as diagnostics.
public struct StateVerificationReport: Sendable {
    private let style: TerminalStyle

    public init(_ style: TerminalStyle) { self.style = style }

    public func render(_ verification: StateVerification) -> String {
        var canvas = Canvas(style)
        let counts = [
            Wording.count(verification.resources, "resource"), Wording.count(verification.changes, "change"),
            Wording.count(verification.runs, "run"), Wording.count(verification.secrets, "sealed secret"),
        ]
        canvas.paragraph("Looked at \(Wording.list(counts)).", indent: 0)
        if !verification.isIntegrityChecked {
            canvas.paragraph("The backend has no check of its own for damage.", indent: 0, .dim)
        }
        if !verification.areSchemasChecked, verification.resources > 0 {
            canvas.paragraph("The rows were not compared with the schemas of their types.", indent: 0, .dim)
        }
        if !verification.isRefreshed {
            canvas.paragraph("The providers were not asked; `--refresh` does so.", indent: 0, .dim)
        }
        for intent in verification.openIntents {
            canvas.write("  ? ", .yellow)
            canvas.write("\(intent.address)", .bold)
            canvas.write("  \(intent.action.rawValue) interrupted in run \(intent.run)")
            canvas.newline()
        }
        let errors = verification.problems.errorCount
        let warnings = verification.problems.all.count - errors
        if errors > 0 {
            canvas.paragraph("The state is damaged: \(Wording.count(errors, "error")).", indent: 0, .red)
        } else if warnings > 0 {
            canvas.paragraph(
                "The state is whole; \(Wording.count(warnings, "thing")) to know about.", indent: 0, .yellow)
        } else {
            canvas.paragraph("The state is whole.", indent: 0, .green)
        }
        return canvas.text
    }
}
