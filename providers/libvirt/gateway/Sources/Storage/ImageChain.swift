import CLibvirt

/// Looks at what a disk image leads QEMU to, before a guest gets it.
///
/// The header of a qcow2 image can name any file of the host as what lies behind it or as where its data is, and whoever
/// uploads an image, or runs a guest on a raw volume, writes that header.
struct ImageChain {
    /// How QEMU is to open the volume.
    enum Format: String { case raw, qcow2 }

    private static let longestChain = 16
    private static let header = 104

    /// The format of the volume, after all that it stands on was seen to lie in pools.
    static func check(_ connection: Connection, _ reference: VolumeReference, pointer: String) throws(Problem) -> Format
    {
        var next = reference
        var first: Format?
        for _ in 0..<longestChain {
            let volume: Volume
            do {
                volume = try VolumeKeeper().volume(connection, next)
            } catch {
                guard error.isMissing else { throw error }
                throw Problem.unprocessable(pointer, "There is no volume \(next.volume) in the pool \(next.pool).")
            }
            let format = try format(of: volume, pointer)
            first = first ?? format
            if format == .qcow2 { try checkHeader(connection, next, pointer) }
            guard let backing = volume.version.backing else { return first ?? .raw }
            guard let reference = backing.reference else {
                throw Problem.unprocessable(
                    pointer, "The image \(next.volume) stands on \(backing.path ?? "something") which lies in no pool.")
            }
            next = reference
        }
        throw Problem.unprocessable(pointer, "More than \(longestChain) images stand on each other, or in a circle.")
    }

    private static func format(of volume: Volume, _ pointer: String) throws(Problem) -> Format {
        switch volume.version.format {
        case "raw", "iso": .raw
        case "qcow2": .qcow2
        default:
            throw Problem.unprocessable(
                pointer,
                "The volume \(volume.version.name) holds a \(volume.version.format) image; raw and qcow2 are used.")
        }
    }

    private static func checkHeader(_ connection: Connection, _ reference: VolumeReference, _ pointer: String)
        throws(Problem)
    {
        let bytes = try VolumeTransfer.beginning(connection, reference, length: header)
        guard bytes.count >= 80 else { return }
        // Bit 2 of the incompatible features: the data is in another file.
        let isVersion3 = bytes[7] >= 3
        guard !isVersion3 || bytes[79] & 4 == 0 else {
            throw Problem.unprocessable(
                pointer, "The image \(reference.volume) keeps its data in another file, which is not followed.")
        }
    }
}
