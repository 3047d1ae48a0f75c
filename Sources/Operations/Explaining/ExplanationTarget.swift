internal import Expressions
internal import PlumbModel

/// What a person asks to have explained: something that has a name, and a way into its value.
struct ExplanationTarget {
    enum Subject {
        case variable(String)
        case local(String)
        case output(String)
        case resource(ResourceAddress)
    }

    let subject: Subject
    let path: AttributePath

    /// Reads `local_file.config["web"].filename`, `var.services.web`, `output.url`. A key of a resource stands in the
    /// path: only the graph knows whether it is one.
    init(parsing text: String) throws(Diagnostics) {
        let expression: Expression
        do throws(Diagnostics) {
            expression = try ExpressionParser.parse(expression: SourceFile(path: "ADDRESS", text: text))
        } catch {
            throw Self.invalid(text)
        }
        guard let root = expression.root, let steps = expression.steps else { throw Self.invalid(text) }
        path = steps
        switch root {
        case .variable(let name): subject = .variable(name)
        case .local(let name): subject = .local(name)
        case .resource(let address) where address.type == "output" && address.mode == .managed:
            subject = .output(address.name)
        case .resource(let address): subject = .resource(address)
        default: throw Self.invalid(text)
        }
    }

    private static func invalid(_ text: String) -> Diagnostics {
        Diagnostics(
            .error(
                "Invalid address",
                "\"\(text)\" names nothing that can be explained. Give a resource, an attribute, a variable, a local or an "
                    + "output: `local_file.motd`, `'local_file.config[\"web\"].filename'`, `var.region`, `local.prefix`, "
                    + "`output.url`; mind the shell's quotes."))
    }
}
