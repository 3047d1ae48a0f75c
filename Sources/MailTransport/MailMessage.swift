#if canImport(FoundationEssentials)
    internal import FoundationEssentials
#else
    internal import Foundation
#endif

/// A mail of plain text, as it is written down for its way (RFC 5322).
public struct MailMessage: Sendable {
    /// An address alone, of visible ASCII characters.
    public let from: String
    /// The same; one at the least.
    public let to: [String]
    /// Any text; of ends of lines in it nothing is left.
    public let subject: String
    public let text: String
    /// Tells it from all others: of it and the sender's host comes its Message-ID. ASCII letters, digits, `-` and `.`.
    public let identifier: String
    /// Seconds since 1970.
    public let time: Int

    public init(from: String, to: [String], subject: String, text: String, identifier: String, time: Int) {
        self.from = from
        self.to = to
        self.subject = subject
        self.text = text
        self.identifier = identifier
        self.time = time
    }

    /// With the ends of lines that SMTP wants.
    var bytes: [UInt8] {
        let domain = from.split(separator: "@").last ?? "localhost"
        let headers = [
            "Date: \(MailDate.text(time))", "From: Plumbline <\(from)>",
            "To: \(to.joined(separator: ",\r\n "))", "Message-ID: <\(identifier)@\(domain)>",
            "Subject: \(HeaderText.encoded(subject))",
            // No server answers such with a note that somebody is on holiday.
            "Auto-Submitted: auto-generated", "MIME-Version: 1.0", "Content-Type: text/plain; charset=utf-8",
            "Content-Transfer-Encoding: \(isPlain ? "7bit" : "base64")",
        ]
        return Array((headers.joined(separator: "\r\n") + "\r\n\r\n" + body).utf8)
    }

    private var lines: [Substring] { text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline) }

    /// Whether every server takes it as it is.
    private var isPlain: Bool {
        lines.allSatisfy { line in
            line.utf8.count <= 900 && line.utf8.allSatisfy { $0 >= 32 && $0 < 127 || $0 == 9 }
        }
    }

    private var body: String {
        let whole = lines.joined(separator: "\r\n") + "\r\n"
        guard !isPlain else { return whole }
        return Data(whole.utf8).base64EncodedString(options: [.lineLength76Characters]) + "\r\n"
    }
}

/// Writes text of any kind into a header.
enum HeaderText {
    /// As encoded words (RFC 2047) where it is not plain ASCII; folded, so that no line is too long.
    static func encoded(_ text: String) -> String {
        let line = text.split(whereSeparator: { $0.isNewline || $0 == "\0" }).joined(separator: " ")
        // What looks like an encoded word would be decoded.
        let isPlain = line.utf8.allSatisfy { $0 >= 32 && $0 < 127 } && !line.contains("=?") && line.utf8.count <= 200
        guard !isPlain else { return line }
        var words: [String] = []
        var piece: [UInt8] = []
        func close() {
            if !piece.isEmpty { words.append("=?utf-8?B?\(Data(piece).base64EncodedString())?=") }
            piece = []
        }
        // Of 75 columns 45 bytes are left; a letter is never divided.
        for scalar in line.unicodeScalars.prefix(400) {
            let bytes = Array(String(Character(scalar)).utf8)
            if piece.count + bytes.count > 45 { close() }
            piece += bytes
        }
        close()
        return words.joined(separator: "\r\n ")
    }
}

/// Writes times as mail wants them.
enum MailDate {
    private static let days = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"]
    private static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]

    /// `Sun, 22 Nov 2026 00:11:19 +0000`
    ///
    /// - Parameter seconds: since 1970; not before.
    static func text(_ seconds: Int) -> String {
        let seconds = max(0, seconds)
        let number = seconds / 86_400
        // Years that begin in March, so that the leap day is the last one.
        let shifted = number + 719_468
        let dayOfEra = shifted % 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let march = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * march + 2) / 5 + 1
        let month = (march + 2) % 12
        let year = yearOfEra + shifted / 146_097 * 400 + (month < 2 ? 1 : 0)
        func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
        let rest = seconds % 86_400
        return "\(days[number % 7]), \(two(day)) \(months[month]) \(year) "
            + "\(two(rest / 3600)):\(two(rest / 60 % 60)):\(two(rest % 60)) +0000"
    }
}
