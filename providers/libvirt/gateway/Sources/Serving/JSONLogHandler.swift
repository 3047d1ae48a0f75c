import Foundation
import Logging

/// Writes each message as one line of JSON to standard error.
struct JSONLogHandler: LogHandler {
    let label: String
    var logLevel: Logger.Level
    var metadata: Logger.Metadata = [:]

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        var fields: [String: String] = [:]
        for (key, value) in metadata.merging(event.metadata ?? [:], uniquingKeysWith: { $1 }) {
            fields[key] = "\(value)"
        }
        fields["time"] = Timestamp.now()
        fields["level"] = event.level.rawValue
        fields["message"] = "\(event.message)"
        guard var line = try? JSONText.encode(fields) else { return }
        line.append(0x0A)
        FileHandle.standardError.write(Data(line))
    }
}
