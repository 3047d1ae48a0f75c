internal import MailTransport
internal import PlumbModel

/// What has become of a stack, in the words of each kind of target.
struct NotificationText: Sendable {
    let event: StackEvent
    /// Where people look at the stack; nil where nobody has said.
    let link: String?

    /// The event as JSON.
    var webhook: String { RecordKeeper.encode(event) }

    /// `{"text": …}`: nothing in it mentions anybody, or is a link of somebody else's.
    var slack: String {
        let told = "\(event.stack) is \(event.phase.rawValue): \(event.reason)".reduce(into: "") { text, character in
            switch character {
            case "&": text += "&amp;"
            case "<": text += "&lt;"
            case ">": text += "&gt;"
            // Mattermost calls everybody for "@all", wherever that comes from.
            case "@": text += "@\u{200B}"
            default: text.append(character)
            }
        }
        return RecordKeeper.encode(["text": told + (link.map { "\n\($0)" } ?? "")])
    }

    func mail(from sender: String, to recipients: [String]) -> MailMessage {
        var lines = [event.message, ""]
        lines.append("Stack:       \(event.stack)")
        lines.append("Repository:  \(event.repository)")
        if let revision = event.revision { lines.append("Revision:    \(revision)") }
        if let applied = event.appliedRevision { lines.append("Applied:     \(applied)") }
        lines.append("Time:        \(InstantText.utc(event.time))")
        if let link { lines += ["", link] }
        return MailMessage(
            from: sender, to: recipients, subject: "[plumbline] \(event.stack) is \(event.phase.rawValue)",
            text: lines.joined(separator: "\n"),
            identifier: "plumbline." + String(UInt64.random(in: 0 ... .max), radix: 36) + "."
                + String(UInt64.random(in: 0 ... .max), radix: 36), time: Int(event.time))
    }
}
