internal import ArgumentParser
internal import Operations
internal import PlumbModel
internal import Reporting

/// `plumb state rekey`
struct StateRekeyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rekey", abstract: "Seal all secrets of the state anew, with a new key.",
        discussion: """
            Examples:
              plumb state rekey
              plumb state rekey --recipient age1... --recipient age1...
              plumb state rekey --passphrase
              PLUMB_STATE_KEY="$NEW,$OLD" plumb state rekey

            A new key is made in `.plumb/state.key`, and the old one is forgotten when everything is sealed anew. Where
            PLUMB_STATE_KEY is set, the first of the keys in it seals and all of them open: put the new one in front, rekey, and
            take the old one away. Killed at any moment, it can simply be run again.
            A passphrase is asked for, or taken from PLUMB_AGE_PASSPHRASE (a new one: PLUMB_AGE_NEW_PASSPHRASE).
            Saved plans and backups from before need the old key.
            """)

    @OptionGroup var common: StackOptions

    @Option(name: .shortAndLong, help: "Encrypt the key file for this recipient of age. May be repeated.")
    var recipient: [String] = []

    @Flag(help: "Lock the key file with a passphrase.")
    var passphrase = false

    @Flag(help: "Keep the key file in the clear, readable by you alone.")
    var plain = false

    func validate() throws {
        guard [!recipient.isEmpty, passphrase, plain].filter(\.self).count <= 1 else {
            throw ValidationError("--recipient, --passphrase and --plain exclude each other.")
        }
    }

    private var protection: KeyProtection? {
        if passphrase { return .passphrase }
        if plain { return KeyProtection.none }
        return recipient.isEmpty ? nil : .recipients(recipient)
    }

    func run() async throws {
        let console = common.console
        try await common.withState { (state) throws(Diagnostics) in
            let rekeyed = try await StateRekeyOperation(
                state, holder: Invocation.holder, protection: protection
            ).run()
            console.write("Sealed \(rekeyed.resealed) secrets anew.\n")
            if let file = rekeyed.keyFile {
                console.note("The new key is in \(file). Keep a copy of it elsewhere.")
            } else if rekeyed.resealed == 0 {
                console.note(
                    "All \(rekeyed.kept) were sealed with the first key of PLUMB_STATE_KEY before. To change the key, put a "
                        + "new one in front of it: PLUMB_STATE_KEY=\"NEW,OLD\".")
            } else {
                console.note("PLUMB_STATE_KEY only needs its first key from now on.")
            }
        }
    }
}
