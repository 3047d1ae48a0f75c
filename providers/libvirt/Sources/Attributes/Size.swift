import PlumbModel

/// Sizes in bytes, as people write them.
enum Size {
    private static let units: [(name: String, factor: Int)] = [
        ("TIB", 1 << 40), ("GIB", 1 << 30), ("MIB", 1 << 20), ("KIB", 1 << 10), ("TB", 1_000_000_000_000),
        ("GB", 1_000_000_000), ("MB", 1_000_000), ("KB", 1000), ("T", 1 << 40), ("G", 1 << 30), ("M", 1 << 20),
        ("K", 1 << 10), ("B", 1), ("", 1),
    ]

    /// `512MiB`, `1.5 GiB`, `1048576`; nil where the text is no size, or no whole number of bytes that fits.
    static func bytes(_ text: String) -> Int? {
        let number = text.prefix { ("0"..."9").contains($0) || $0 == "." }
        let unit = text[number.endIndex...].filter { $0 != " " }.uppercased()
        guard let factor = units.first(where: { $0.name == unit })?.factor else { return nil }
        let parts = number.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        guard let first = parts.first, let whole = Int(first) else { return nil }
        let (bytes, isTooLarge) = whole.multipliedReportingOverflow(by: factor)
        guard !isTooLarge else { return nil }
        guard parts.count == 2 else { return bytes }
        // Digits after the point, exactly.
        guard let fraction = Int(parts[1]), parts[1].utf8.count <= 6 else { return nil }
        let scale = (0..<parts[1].utf8.count).reduce(1) { scale, _ in scale * 10 }
        let (product, isProductTooLarge) = fraction.multipliedReportingOverflow(by: factor)
        guard !isProductTooLarge, product % scale == 0 else { return nil }
        let (sum, isSumTooLarge) = bytes.addingReportingOverflow(product / scale)
        return isSumTooLarge ? nil : sum
    }

    /// In the largest unit of which it is a whole number: `512MiB`.
    static func text(_ bytes: Int) -> String {
        let unit = [("TiB", 1 << 40), ("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10)].first {
            bytes >= $0.1 && bytes % $0.1 == 0
        }
        return unit.map { "\(bytes / $0.1)\($0.0)" } ?? "\(bytes)"
    }

    /// The same size in another writing is no change.
    static let normalisation = Normalisation("size") { value in
        value.asString.flatMap(bytes).map { .number($0) } ?? value
    }

    /// Volumes have whole KiB.
    static let volumeNormalisation = Normalisation("size in whole KiB") { value in
        value.asString.flatMap(bytes).map { .number(($0 + 1023) / 1024 * 1024) } ?? value
    }
}
