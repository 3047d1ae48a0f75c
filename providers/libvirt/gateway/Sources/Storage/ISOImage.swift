import CLibISOFS
import Crypto
import Foundation
import Glibc
import HTTPTypes
import Synchronization

/// Builds ISO 9660 images with Rock Ridge and Joliet names. The same files make the same bytes.
enum ISOImage {
    /// libisofs keeps some of its settings for the whole process.
    private static let turn = Mutex(false)

    /// Whether bytes are an image with the label that cloud-init looks for.
    static func isImage(_ bytes: [UInt8]) -> Bool {
        let (descriptor, label) = (32768, 32808)
        guard bytes.count >= descriptor + 2048 else { return false }
        return bytes[descriptor + 1..<descriptor + 6].elementsEqual("CD001".utf8)
            && String(decoding: bytes[label..<label + 6], as: UTF8.self).lowercased() == "cidata"
    }

    private static let sector = 2048
    private static let mark = Array("plumbline sha256:".utf8)

    /// The sector after an image, which only one that was written wholly has, and to which nobody looks who reads the image.
    private static func ending(_ image: some DataProtocol) -> [UInt8] {
        let text = mark + Array(Authenticator.hexadecimal(SHA256.hash(data: image)).utf8)
        return text + [UInt8](repeating: 0, count: sector - text.count)
    }

    /// Whether bytes are an image of ours that was not written to its end. Others' have no such ending, and no room for one.
    static func isUnfinished(_ bytes: [UInt8]) -> Bool {
        guard isImage(bytes) else { return false }
        // How many sectors the image says that it has.
        let size = bytes[32768 + 80..<32768 + 84].reversed().reduce(0) { $0 << 8 | Int($1) } * sector
        guard bytes.count == size + sector else { return false }
        let end = bytes[size...]
        return end.allSatisfy { $0 == 0 } || end.starts(with: mark) && !end.elementsEqual(ending(bytes[..<size]))
    }

    /// Whether bytes are what was written of an image when whoever wrote it was interrupted.
    static func isBeginning(_ bytes: [UInt8], of image: [UInt8]) -> Bool {
        guard bytes.count == image.count else { return false }
        let written = zip(bytes, image).prefix { $0 == $1 }.count
        return bytes[written...].allSatisfy { $0 == 0 }
    }

    static func bytes(label: String, files: [(name: String, text: String)]) throws(Problem) -> [UInt8] {
        let built: Result<[UInt8], Problem> = turn.withLock { hasBegun in
            do throws(Problem) {
                if !hasBegun {
                    try check(iso_init())
                    // It would print what it thinks of an image to standard error.
                    var (never, none) = (Array("NEVER".utf8CString), Array("".utf8CString))
                    var ever = never
                    try check(iso_set_msgs_severities(&never, &ever, &none))
                    hasBegun = true
                }
                return .success(try build(label, files))
            } catch {
                return .failure(error)
            }
        }
        return try built.get()
    }

    private static func build(_ label: String, _ files: [(name: String, text: String)]) throws(Problem) -> [UInt8] {
        var made: OpaquePointer?
        try check(iso_image_new(label, &made))
        guard let image = made else { throw failure(0) }
        defer { iso_image_unref(image) }
        let texts = files.map { Array($0.text.utf8) }
        for (file, text) in zip(files, texts) { try add(file.name, text, to: image) }
        return try write(image)
    }

    private static func add(_ name: String, _ text: [UInt8], to image: OpaquePointer) throws(Problem) {
        // The stream frees its memory; an empty file needs some too.
        guard let copy = malloc(max(text.count, 1)) else { throw failure(0) }
        text.withUnsafeBytes { buffer in
            if let base = buffer.baseAddress { copy.copyMemory(from: base, byteCount: buffer.count) }
        }
        var stream: UnsafeMutablePointer<IsoStream>?
        let status = iso_memory_stream_new(copy.assumingMemoryBound(to: UInt8.self), text.count, &stream)
        guard status >= 0, let stream else {
            free(copy)
            throw failure(status)
        }
        var file: OpaquePointer?
        let added = iso_tree_add_new_file(iso_image_get_root(image), name, stream, &file)
        guard added >= 0 else {
            iso_stream_unref(stream)
            throw failure(added)
        }
    }

    private static func write(_ image: OpaquePointer) throws(Problem) -> [UInt8] {
        var made: OpaquePointer?
        try check(iso_write_opts_new(&made, 0))
        guard let options = made else { throw failure(0) }
        defer { iso_write_opts_free(options) }
        try check(iso_write_opts_set_rockridge(options, 1))
        try check(iso_write_opts_set_joliet(options, 1))
        try check(iso_write_opts_set_iso_level(options, 3))
        // Neither times nor owners of this moment: the image is a function of its files.
        var created = Array("1980010100000000".utf8CString)
        try check(iso_write_opts_set_pvd_times(options, 0, 0, 0, 0, &created))
        try check(iso_write_opts_set_replace_timestamps(options, 2))
        try check(iso_write_opts_set_default_timestamp(options, 315_532_800))
        try check(iso_write_opts_set_always_gmt(options, 1))
        try check(iso_write_opts_set_replace_mode(options, 2, 2, 2, 2))
        try check(iso_write_opts_set_default_file_mode(options, 0o444))
        try check(iso_write_opts_set_default_dir_mode(options, 0o555))
        try check(iso_write_opts_set_default_uid(options, 0))
        try check(iso_write_opts_set_default_gid(options, 0))
        var source: UnsafeMutablePointer<burn_source>?
        try check(iso_image_create_burn_source(image, options, &source))
        guard let source else { throw failure(0) }
        defer {
            source.pointee.free_data?(source)
            free(source)
        }
        var bytes: [UInt8] = []
        var sector = [UInt8](repeating: 0, count: 2048)
        while let read = source.pointee.read_xt, read(source, &sector, 2048) == 2048 { bytes += sector }
        guard isImage(bytes) else { throw failure(0) }
        return bytes + ending(bytes)
    }

    private static func check(_ status: Int32) throws(Problem) {
        guard status >= 0 else { throw failure(status) }
    }

    private static func failure(_ status: Int32) -> Problem {
        let reason = status < 0 ? iso_error_to_msg(status).map { String(cString: $0) } : nil
        return Problem(
            .internalServerError, "The image could not be built", detail: reason ?? "libisofs gave no reason.")
    }
}
