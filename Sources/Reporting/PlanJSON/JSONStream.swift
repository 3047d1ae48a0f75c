internal import PlumbModel

/// Writes a JSON text piece by piece and hands it on in chunks, so that a document of any size takes little memory.
struct JSONStream {
    private var writer = JSONWriter()
    private let sink: (String) -> Void
    /// Whether the next member or element follows another.
    private var followsAnother = false

    private static let chunk = 1 << 16

    init(_ sink: @escaping (String) -> Void) { self.sink = sink }

    /// Hands on what is left, with a line end.
    mutating func finish() {
        writer.write(raw: "\n")
        flush()
    }

    private mutating func flush() { sink(String(decoding: writer.take(), as: UTF8.self)) }

    // MARK: - Structure

    mutating func object(_ body: (inout JSONStream) -> Void) { bracketed("{", "}", body) }

    mutating func array(_ body: (inout JSONStream) -> Void) { bracketed("[", "]", body) }

    private mutating func bracketed(_ opening: String, _ closing: String, _ body: (inout JSONStream) -> Void) {
        writer.write(raw: opening)
        followsAnother = false
        body(&self)
        writer.write(raw: closing)
        followsAnother = true
        if writer.bytes.count > JSONStream.chunk { flush() }
    }

    /// Begins a member of an object; its value must follow.
    mutating func name(_ name: String) {
        separate()
        writer.write(string: name)
        writer.write(raw: ":")
    }

    /// Begins an element of an array; its value must follow.
    mutating func separate() {
        if followsAnother { writer.write(raw: ",") }
        followsAnother = true
    }

    // MARK: - Values

    mutating func value(_ value: Value) { writer.write(value) }

    mutating func text(_ text: String) { writer.write(string: text) }

    // MARK: - Members

    mutating func member(_ name: String, _ text: String) {
        self.name(name)
        writer.write(string: text)
    }

    mutating func member(_ name: String, _ flag: Bool) {
        self.name(name)
        writer.write(raw: flag ? "true" : "false")
    }

    mutating func member(_ name: String, _ value: Value) {
        self.name(name)
        writer.write(value)
    }

    mutating func member(_ name: String, _ texts: [String]) {
        array(name, of: texts) { stream, text in stream.text(text) }
    }

    mutating func object(_ name: String, _ body: (inout JSONStream) -> Void) {
        self.name(name)
        object(body)
    }

    mutating func array<Element>(
        _ name: String, of elements: some Sequence<Element>, _ body: (inout JSONStream, Element) -> Void
    ) {
        self.name(name)
        array { stream in
            for element in elements {
                stream.separate()
                body(&stream, element)
            }
        }
    }
}
