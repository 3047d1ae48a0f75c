internal import Dispatch

/// What the person, or the program before us in a pipe, writes to this process.
enum StandardInput {
    /// The next line without its end, read on a thread of its own; nil at the end.
    static func line() async -> String? {
        await withCheckedContinuation { continuation in
            DispatchQueue.global().async { continuation.resume(returning: readLine()) }
        }
    }
}

extension String {
    /// Without white space at both ends.
    var trimmingSpaces: Substring {
        var text = self[...]
        while text.last?.isWhitespace == true { text.removeLast() }
        return text.drop { $0.isWhitespace }
    }
}
