import MartletCore
import MartletEvents
import MartletFiles

/// Writes stored spans as the messages of OTLP that they came as.
enum SpanMessage {
    /// Appends an attribute: field 9 of `Span`, a `KeyValue`.
    static func append(
        key: Span<UInt8>,
        _ type: ValueType,
        bits: UInt64,
        text: Span<UInt8>,
        to bytes: inout [UInt8]
    ) {
        let valueSize =
            switch type {
            case .string, .bytes: 1 + size(UInt64(text.count)) + text.count
            case .compound: text.count
            case .bool: 2
            case .int: 1 + size(bits)
            case .double: 9
            case .empty: 0
            }
        let keySize = 1 + size(UInt64(key.count)) + key.count
        bytes.append(9 << 3 | 2)
        bytes.append(varint: UInt64(keySize + 1 + size(UInt64(valueSize)) + valueSize))
        bytes.append(1 << 3 | 2)
        bytes.append(varint: UInt64(key.count))
        bytes.append(span: key)
        bytes.append(2 << 3 | 2)
        bytes.append(varint: UInt64(valueSize))
        switch type {
        case .string, .bytes:
            bytes.append(type == .string ? 1 << 3 | 2 : 7 << 3 | 2)
            bytes.append(varint: UInt64(text.count))
            bytes.append(span: text)
        case .compound: bytes.append(span: text)
        case .bool:
            bytes.append(2 << 3)
            bytes.append(UInt8(bits & 1))
        case .int:
            bytes.append(3 << 3)
            bytes.append(varint: bits)
        case .double:
            bytes.append(4 << 3 | 1)
            bytes.append(littleEndian: bits)
        case .empty: break
        }
    }

    /// Appends what every span has, but for its attributes.
    static func append(_ span: SpanBasics, name: Span<UInt8>, flags: UInt32, to bytes: inout [UInt8]) {
        bytes.append(1 << 3 | 2)
        bytes.append(16)
        bytes.append(littleEndian: span.traceID.high.byteSwapped)
        bytes.append(littleEndian: span.traceID.low.byteSwapped)
        bytes.append(2 << 3 | 2)
        bytes.append(8)
        bytes.append(littleEndian: span.spanID.bits.byteSwapped)
        if span.parentID.isValid {
            bytes.append(4 << 3 | 2)
            bytes.append(8)
            bytes.append(littleEndian: span.parentID.bits.byteSwapped)
        }
        bytes.append(5 << 3 | 2)
        bytes.append(varint: UInt64(name.count))
        bytes.append(span: name)
        bytes.append(6 << 3)
        bytes.append(span.kind.rawValue)
        bytes.append(7 << 3 | 1)
        bytes.append(littleEndian: UInt64(bitPattern: span.start))
        bytes.append(8 << 3 | 1)
        bytes.append(littleEndian: UInt64(bitPattern: span.end))
        if flags != 0 {
            bytes.append(varint: 16 << 3 | 5)
            bytes.append(littleEndian: flags)
        }
        if span.status != .unset {
            bytes.append(15 << 3 | 2)
            bytes.append(2)
            bytes.append(3 << 3)
            bytes.append(span.status.rawValue)
        }
    }

    /// Appends a field that holds a message.
    static func append(_ field: UInt8, _ message: [UInt8], to bytes: inout [UInt8]) {
        bytes.append(field << 3 | 2)
        bytes.append(varint: UInt64(message.count))
        bytes += message
    }

    private static func size(_ number: UInt64) -> Int { max(1, (70 - number.leadingZeroBitCount) / 7) }
}
