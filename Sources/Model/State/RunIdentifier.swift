/// Makes the UUIDs (version 4) of runs and intents.
public enum RunIdentifier {
    public static func make() -> String {
        var generator = SystemRandomNumberGenerator()
        var high = generator.next()
        var low = generator.next()
        high = high & 0xFFFF_FFFF_FFFF_0FFF | 0x4000
        low = low & 0x3FFF_FFFF_FFFF_FFFF | 0x8000_0000_0000_0000
        let digits = Array("0123456789abcdef".utf8)
        var text: [UInt8] = []
        text.reserveCapacity(36)
        for (word, dashes) in [(high, [8, 12]), (low, [0, 4])] {
            for nibble in 0..<16 {
                if dashes.contains(nibble) { text.append(UInt8(ascii: "-")) }
                text.append(digits[Int(truncatingIfNeeded: word >> UInt64(60 - 4 * nibble)) & 15])
            }
        }
        return String(decoding: text, as: UTF8.self)
    }
}
