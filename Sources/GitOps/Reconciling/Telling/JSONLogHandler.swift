public import Logging
internal import PlumbModel

#if canImport(Glibc)
    internal import Glibc
#endif

/// Writes each message as one line of JSON to standard error, for programs that collect logs. What is known to be secret is
/// taken out.
public struct JSONLogHandler: LogHandler {
    public var metadata: Logger.Metadata = [:]
    public var logLevel = Logger.Level.info

    public init() {}

    public subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    public func log(event: LogEvent) {
        var fields: [(String, Value)] = [
            ("time", .string(InstantText.iso(Clock.now()))), ("level", .string(event.level.rawValue)),
            ("message", .string(KnownSecrets.redact(event.message.description))),
        ]
        let all = metadata.merging(event.metadata ?? [:]) { _, new in new }
        for (key, value) in all { fields.append((key, .string(KnownSecrets.redact(value.description)))) }
        var writer = JSONWriter()
        writer.write(Value.object(ValueMap(fields)))
        Self.write(writer.bytes + [0x0A])
    }

    /// In one call, so that lines of several threads do not mix.
    private static func write(_ bytes: [UInt8]) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(STDERR_FILENO, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            // Nobody reads: there is nobody left to tell.
            guard count > 0 else { return }
            rest = rest.dropFirst(count)
        }
    }
}
