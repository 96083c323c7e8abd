/// Writes protobuf messages field by field into one row of bytes.
///
/// ```swift
/// var writer = ProtobufWriter()
/// writer.text(1, "up")
/// writer.message(2) { part in part.double(1, 0.5) }
/// ```
///
/// The `…(_:_:)` methods write what they are given, the default value included, for protocols where presence means
/// something; those with `ifSet` leave the default value out.
public struct ProtobufWriter: Sendable {
    /// What was written.
    public var bytes: [UInt8]

    /// Creates a writer that appends to bytes.
    public init(_ bytes: [UInt8] = []) {
        self.bytes = bytes
    }

    // MARK: Fields

    /// A `uint64`, `uint32`, `bool` or enumeration.
    public mutating func unsigned(_ field: UInt64, _ value: UInt64) {
        varint(field << 3)
        varint(value)
    }

    /// An `int64` or `int32`.
    public mutating func integer(_ field: UInt64, _ value: Int64) {
        unsigned(field, UInt64(bitPattern: value))
    }

    /// A `sint64` or `sint32`.
    public mutating func signed(_ field: UInt64, _ value: Int64) {
        unsigned(field, ProtobufWriter.folded(value))
    }

    /// A `double`.
    public mutating func double(_ field: UInt64, _ value: Double) {
        varint(field << 3 | 1)
        fixed(value.bitPattern)
    }

    /// A `string`.
    public mutating func text(_ field: UInt64, _ value: String) {
        varint(field << 3 | 2)
        varint(UInt64(value.utf8.count))
        bytes.append(contentsOf: value.utf8)
    }

    /// A `bytes` field, or a message that was written apart.
    public mutating func bytes(_ field: UInt64, _ value: some Collection<UInt8>) {
        varint(field << 3 | 2)
        varint(UInt64(value.count))
        bytes.append(contentsOf: value)
    }

    /// A packed list of `sint64` or `sint32`.
    public mutating func packedSigned(_ field: UInt64, _ values: some Sequence<Int64>) {
        message(field) { list in
            for value in values { list.varint(ProtobufWriter.folded(value)) }
        }
    }

    /// A packed list of `double`.
    public mutating func packedDouble(_ field: UInt64, _ values: some Sequence<Double>) {
        message(field) { list in
            for value in values { list.fixed(value.bitPattern) }
        }
    }

    /// A message inside, written by a function.
    public mutating func message(_ field: UInt64, _ body: (inout ProtobufWriter) -> Void) {
        varint(field << 3 | 2)
        delimited(body)
    }

    /// A message of a delimited stream, written by a function, with its length before it.
    ///
    /// One byte is set aside for the length; a message of 128 bytes or more is moved up by the rest.
    public mutating func delimited(_ body: (inout ProtobufWriter) -> Void) {
        let place = bytes.count
        bytes.append(0)
        body(&self)
        var length = bytes.count - place - 1
        if length < 0x80 {
            bytes[place] = UInt8(length)
            return
        }
        var prefix: [UInt8] = []
        while length >= 0x80 {
            prefix.append(UInt8(length & 0x7f) | 0x80)
            length >>= 7
        }
        prefix.append(UInt8(length))
        bytes.replaceSubrange(place...place, with: prefix)
    }

    // MARK: Fields that are left out at their default

    /// A `uint64`, `uint32`, `bool` or enumeration, unless it is 0.
    public mutating func unsigned(_ field: UInt64, ifSet value: UInt64) {
        if value != 0 { unsigned(field, value) }
    }

    /// An `int64` or `int32`, unless it is 0.
    public mutating func integer(_ field: UInt64, ifSet value: Int64) {
        if value != 0 { integer(field, value) }
    }

    /// A `double`, unless it is 0; -0 is not the default.
    public mutating func double(_ field: UInt64, ifSet value: Double) {
        if value.bitPattern != 0 { double(field, value) }
    }

    /// A `string`, unless it is empty.
    public mutating func text(_ field: UInt64, ifSet value: String) {
        if !value.isEmpty { text(field, value) }
    }

    // MARK: Numbers

    private mutating func varint(_ value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(truncatingIfNeeded: rest))
    }

    private mutating func fixed(_ bits: UInt64) {
        for shift in stride(from: UInt64(0), to: 64, by: 8) { bytes.append(UInt8(truncatingIfNeeded: bits >> shift)) }
    }

    private static func folded(_ value: Int64) -> UInt64 {
        UInt64(bitPattern: value << 1) ^ UInt64(bitPattern: value >> 63)
    }
}
