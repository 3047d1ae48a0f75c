#if canImport(FoundationEssentials)
    internal import FoundationEssentials
#else
    internal import Foundation
#endif
#if canImport(Glibc)
    internal import Glibc
#endif

/// Says why a file could not be had in the system's words ("Permission denied"), of which Foundation's errors are dumps.
public struct SystemReason: CustomStringConvertible, Sendable {
    public let description: String

    public init(_ error: any Error) {
        let cause = (error as? CocoaError)?.underlying ?? error
        description = (cause as? POSIXError).map { String(cString: strerror($0.code.rawValue)) } ?? "\(cause)"
    }
}
