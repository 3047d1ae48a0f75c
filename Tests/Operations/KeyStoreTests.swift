import Foundation
import Testing

@testable import Operations

/// The keys of secrets while they are changed under other processes.
@Suite struct KeyStoreTests {
    private let directory: String

    init() throws {
        directory =
            FileManager.default.temporaryDirectory.appendingPathComponent("plumb-keys-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
    }

    @Test func whoeverHasLoadedTheKeysSeesARotation() throws {
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let (one, other) = (
            KeyStore(directory: directory, environment: [:]), KeyStore(directory: directory, environment: [:])
        )
        let first = try one.ring(creates: true)
        #expect(try other.ring(creates: false).newest == first.newest)
        try one.beginRotation()
        let during = try other.ring(creates: false)
        #expect(during.newest != first.newest)
        #expect(during.older == [first.newest])
        // One that was killed in the middle is followed by another: no key is forgotten.
        try other.beginRotation()
        #expect(try one.ring(creates: false).older == during.all)
        try one.endRotation()
        let after = try other.ring(creates: false)
        #expect(after.older.isEmpty)
        #expect(after.newest != during.newest)
    }

    @Test func whatAKilledRotationLeavesIsCleanedUp() throws {
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let store = KeyStore(directory: directory, environment: [:])
        _ = try store.ring(creates: true)
        let leftover = "\(directory)/.plumb/state.key.\(UUID().uuidString.lowercased())"
        try Data("x".utf8).write(to: URL(fileURLWithPath: leftover))
        try store.beginRotation()
        try store.endRotation()
        #expect(try FileManager.default.contentsOfDirectory(atPath: directory + "/.plumb") == ["state.key"])
    }

    @Test(arguments: ["", "short", "!!!!", Data(repeating: 1, count: 31).base64EncodedString()])
    func whatIsNoKeyIsRefused(_ text: String) throws {
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let store = KeyStore(directory: directory, environment: ["PLUMB_STATE_KEY": text])
        #expect(throws: KeyError.self) { try store.ring(creates: true) }
    }
}
