internal import ArgumentParser
internal import Operations
internal import PlumbModel

/// `plumb drift accept`
struct DriftAcceptCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "accept", abstract: "Write what is live into the specs, so that it is drift no more.",
        discussion: """
            Examples:
              plumb drift accept local_file.motd
              plumb drift accept local_file.motd content

            Changes the one value and leaves all else in the file as it is. Then everything is loaded and planned anew; where it is \
            still drift, the file is put back. What comes from an expression, and what is secret, has to be changed by hand.
            """)

    @OptionGroup var edit: DriftEditOptions

    func run() async throws {
        try await edit.run { (operation) async throws(Diagnostics) in
            try await operation.accept(edit.address, path: edit.path)
        }
    }
}
