import CLibvirt

/// Looks at what a disk image leads QEMU to, before a guest gets it.
///
/// The header of a qcow2 image can name any file of the host as what lies behind it or as where its data is, and whoever
/// uploads an image, or runs a guest on a raw volume, writes that header.
struct ImageChain {
    /// How QEMU is to open the volume.
    enum Format: String { case raw, qcow2 }

    private static let longestChain = 16
    static let header = 104

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
        guard !keepsDataApart(bytes) else {
            throw Problem.unprocessable(
                pointer, "The image \(reference.volume) keeps its data in another file, which is not followed.")
        }
    }

    /// Refuses an image that leads to another file before a byte of it is written: it may belong to a domain that was looked
    /// at when it held something else.
    static func check(upload beginning: some Collection<UInt8>) throws(Problem) {
        let bytes = Array(beginning.prefix(header))
        guard bytes.starts(with: [0x51, 0x46, 0x49, 0xFB]), bytes.count >= 16 else { return }
        guard bytes[8..<16].allSatisfy({ $0 == 0 }) else {
            throw Problem.unprocessable(
                "",
                "The image stands on another file. Upload that and PUT a volume with `backing`, or make one image of "
                    + "both: qemu-img convert -O qcow2.")
        }
        guard !keepsDataApart(bytes) else {
            throw Problem.unprocessable(
                "", "The image keeps its data in another file. Make one of both: qemu-img convert -O qcow2.")
        }
    }

    /// Bit 2 of the incompatible features, which images of version 3 have.
    private static func keepsDataApart(_ bytes: [UInt8]) -> Bool {
        bytes.count >= 80 && bytes[4..<8].contains { $0 != 0 } && !bytes[4..<8].elementsEqual([0, 0, 0, 2])
            && bytes[79] & 4 != 0
    }
}
