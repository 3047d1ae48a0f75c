internal import PlumbModel
internal import Reporting

#if canImport(Glibc)
    internal import Glibc
#endif

/// Asks the person at the terminal for a "yes".
struct Approval {
    let console: Console
    /// False for `--no-input`.
    let mayAsk: Bool

    func ask(_ question: String) async throws(Diagnostics) -> Bool {
        guard mayAsk, isatty(STDIN_FILENO) == 1 else {
            throw Diagnostics(
                .error(
                    "No approval",
                    (mayAsk
                        ? "There is no terminal to ask for approval in." : "`--no-input` forbids to ask for approval.")
                        + " Say `--auto-approve`, or save a plan with "
                        + "`plumb plan --out FILE` and apply that."))
        }
        console.writeError("\n\(question)\nOnly \"yes\" is taken as approval: ")
        let answer = await StandardInput.line()
        console.writeError("\n")
        return answer.map { $0.trimmingSpaces } == "yes"
    }
}
