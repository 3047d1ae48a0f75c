internal import ArgumentParser
internal import Operations
internal import PlumbModel

/// `plumb drift ignore`
struct DriftIgnoreCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ignore", abstract: "Write `ignore_changes` into the specs, so that others may change it.",
        discussion: """
            Examples:
              plumb drift ignore local_file.motd
              plumb drift ignore local_file.motd content

            Adds the place to `lifecycle: {ignore_changes: [...]}` of the resource. Then everything is loaded and planned anew; \
            where it is still drift, the file is put back.
            """)

    @OptionGroup var edit: DriftEditOptions

    func run() async throws {
        try await edit.run { (operation) async throws(Diagnostics) in
            try await operation.ignore(edit.address, path: edit.path)
        }
    }
}
