import ArgumentParser
import Crypto
import Foundation
import Logging

/// The command line of the gateway.
@main
struct GatewayCommand: AsyncParsableCommand {
    static let version = "0.1.0"

    static let configuration = CommandConfiguration(
        commandName: "plumb-libvirt-gateway",
        abstract: "The virtual machines of a libvirt host over HTTP.",
        discussion: "The API is described by the OpenAPI document that the gateway serves at /openapi.json.",
        version: version, subcommands: [ServeCommand.self, TokenCommand.self], defaultSubcommand: ServeCommand.self)
}

/// Makes a token.
struct TokenCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "token", abstract: "Make a token, and the line of it for the file of tokens.",
        discussion: "Example: plumb-libvirt-gateway token ci --role read")

    @Argument(help: "Whose token it is; stands in the log.")
    var name: String

    @Option(help: "What it allows: read or write.")
    var role = "write"

    func validate() throws {
        guard Authenticator.Role(rawValue: role) != nil else { throw ValidationError("--role is read or write.") }
        guard !name.isEmpty, !name.contains(where: { $0.isWhitespace || $0 == "#" }) else {
            throw ValidationError("The name must not hold spaces or #.")
        }
    }

    func run() {
        var generator = SystemRandomNumberGenerator()
        let bytes = (0..<32).map { _ in UInt8.random(in: 0...255, using: &generator) }
        let token = Authenticator.hexadecimal(bytes)
        let digest = Authenticator.hexadecimal(SHA256.hash(data: Data(token.utf8)))
        let text = "token: \(token)\nline for --tokens: \(name) \(role) \(digest)\n"
        FileHandle.standardOutput.write(Data(text.utf8))
    }
}
