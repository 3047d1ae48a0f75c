public import PlumbModel
public import ProviderAPI

/// The provider that needs nothing: values, files, randomness, keys and certificates, time, and commands.
public struct BuiltinProvider: Provider {
    private let clock: Clock

    public init() { self.init(clock: .system) }

    /// For tests of what falls due.
    init(clock: Clock) { self.clock = clock }

    public var name: String { "builtin" }

    public var configurationSchema: Schema {
        Schema([
            AttributeSchema(
                "allow_commands", .bool, .optional, default: false,
                "Lets this stack run programs through command resources.")
        ])
    }

    public func configure(_ configuration: ProviderConfiguration) throws(Diagnostics) -> any ProviderInstance {
        let allowsCommands = configuration.values[key: "allow_commands"] ?? .null
        guard allowsCommands.isNull || allowsCommands.isUnknown || allowsCommands.asBool != nil else {
            throw Diagnostics(
                .error(
                    "Invalid provider configuration",
                    "allow_commands must be true or false.",
                    at: configuration.range))
        }
        return BuiltinInstance(
            directory: configuration.workingDirectory, allowsCommands: allowsCommands.asBool ?? false, clock: clock)
    }
}

/// The builtin types for one stack: they share its directory, its permission to run commands, and a clock.
struct BuiltinInstance: ProviderInstance {
    let resourceTypes: [any ResourceType]
    let dataTypes: [any DataType]

    init(directory: String, allowsCommands: Bool, clock: Clock) {
        resourceTypes = [
            DataValue(), LocalFile(directory: directory), RandomPassword(), RandomID(), RandomUUID(), RandomInteger(),
            RandomPet(), TLSPrivateKey(), TLSSelfSignedCert(clock: clock), TimeSleep(clock: clock),
            TimeRotating(clock: clock), Command(directory: directory, isAllowed: allowsCommands),
        ]
        dataTypes = [LocalFileData(directory: directory)]
    }
}
