internal import ArgumentParser
internal import Operations
internal import PlumbModel
internal import Reporting

#if canImport(FoundationEssentials)
    internal import FoundationEssentials
#else
    internal import Foundation
#endif

/// `plumb import`
struct ImportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import", abstract: "Take over something that exists, and write the spec for it.",
        discussion: """
            Examples:
              plumb import local_file.motd /etc/motd --out motd.yaml
              plumb import powerdns_zone.main example.org > zone.yaml
              plumb import 'local_file.config["web"]' web.conf   of a declared resource

            What is imported is recorded at once; nothing outside is changed. The spec is printed, or written to a new \
            file: put it into the stack, and the next plan has nothing to do. Secrets become variables. \
            Entries of `import:` in the specs do the same as part of a plan.
            """)

    @OptionGroup var common: StackOptions
    @OptionGroup var variables: VariableOptions

    @Argument(help: "The address that it will have.")
    var address: String

    @Argument(help: "What the provider knows it by.")
    var id: String

    @Option(help: "The provider instance, where several know the type.")
    var provider: String?

    @Option(help: "Write the spec to this file, which must not exist yet.", completion: .file())
    var out: String?

    func run() async throws {
        do throws(Diagnostics) {
            try refuseExistingFile()
            let session = try await StackSession.open(
                common.location, capabilities: Invocation.capabilities, environment: Invocation.environment,
                variables: try variables.arguments())
            let imported = try await ImportOperation(session, holder: Invocation.holder).run(
                address, id: id, provider: provider)
            await session.close()
            try show(imported)
        } catch {
            throw common.failing(error)
        }
    }

    private func show(_ imported: ImportOperation.Imported) throws(Diagnostics) {
        let console = common.console
        if imported.isDeclared {
            return console.write("Imported \(imported.record.address), which is declared. Next: plumb plan\n")
        }
        let yaml = DeclarationReport(
            imported.record, schema: imported.schema, provider: imported.namedProvider
        ).yaml()
        guard let out else {
            console.write(yaml)
            return console.note("Imported \(imported.record.address). Put the spec above into the stack.")
        }
        do {
            try Data(yaml.utf8).write(to: URL(filePath: out), options: .withoutOverwriting)
        } catch {
            console.write(yaml)
            throw Diagnostics(
                .error(
                    "Cannot write the spec",
                    "\(imported.record.address) is imported, but its spec could not be written to \(out): "
                        + "\(SystemReason(error)). It is printed above."))
        }
        console.write("Imported \(imported.record.address) and wrote its spec to \(out). Next: plumb plan\n")
    }

    private func refuseExistingFile() throws(Diagnostics) {
        guard let out, FileManager.default.fileExists(atPath: out) else { return }
        throw Diagnostics(
            .error("File exists", "\(out) exists already, and nothing is written over. Nothing was imported."))
    }
}
