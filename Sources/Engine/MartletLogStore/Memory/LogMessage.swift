import MartletCore
import MartletEvents
import MartletFiles
import MartletOTLP

/// Puts messages of OTLP together from the fields that are stored as they came.
enum LogMessage {
    /// Appends an attribute: field 6 of `LogRecord`, a `KeyValue`.
    static func append(attribute message: Span<UInt8>, to bytes: inout [UInt8]) { append(6, message, to: &bytes) }

    /// Appends a field that holds a message.
    static func append(_ field: UInt8, _ message: Span<UInt8>, to bytes: inout [UInt8]) {
        bytes.append(field << 3 | 2)
        bytes.append(varint: UInt64(message.count))
        bytes.append(span: message)
    }

    /// A resource and a scope from the stored heads: the resource's with its length in front, then the scope's.
    static func origin(_ heads: [UInt8]) -> ResourceLogs {
        var at = 0
        guard let size = heads.span.varint(&at), size <= UInt64(heads.count - at) else { return ResourceLogs() }
        var resource = Array(heads[at..<(at + Int(size))])
        append(2, Array(heads[(at + Int(size))...]).span, to: &resource)
        var message: [UInt8] = []
        append(1, resource.span, to: &message)
        return (try? LogsRequest(decoding: message))?.resourceLogs.first ?? ResourceLogs()
    }

    /// A record from some of its fields.
    static func entry(_ fields: [UInt8]) -> LogEntry {
        var (scope, resource, message): ([UInt8], [UInt8], [UInt8]) = ([], [], [])
        append(2, fields.span, to: &scope)
        append(2, scope.span, to: &resource)
        append(1, resource.span, to: &message)
        return (try? LogsRequest(decoding: message))?.resourceLogs.first?.scopeLogs.first?.entries.first ?? LogEntry()
    }

    /// A value from the message `AnyValue`.
    static func value(_ message: [UInt8]) -> AttributeValue {
        (try? AttributeValue(wire: .compound(0..<message.count), in: message.span)) ?? .empty
    }
}

extension LogMessage {
    /// Appends an attribute: field 6 of `LogRecord`.
    static func append(_ attribute: Attribute, to bytes: inout [UInt8]) {
        var (message, value): ([UInt8], [UInt8]) = ([], [])
        append(1, Array(attribute.key.utf8).span, to: &message)
        append(attribute.value, to: &value)
        append(2, value.span, to: &message)
        append(6, message.span, to: &bytes)
    }

    /// Appends what the message `AnyValue` of a value holds.
    ///
    /// The depth is bounded by what was read before.
    static func append(_ value: AttributeValue, to bytes: inout [UInt8]) {
        switch value {
        case .string(let text): append(1, Array(text.utf8).span, to: &bytes)
        case .bool(let flag): bytes += [2 << 3, flag ? 1 : 0]
        case .int(let number):
            bytes.append(3 << 3)
            bytes.append(varint: UInt64(bitPattern: number))
        case .double(let number):
            bytes.append(4 << 3 | 1)
            bytes.append(littleEndian: number.bitPattern)
        case .bytes(let content): append(7, content.span, to: &bytes)
        case .array(let values):
            var list: [UInt8] = []
            for value in values {
                var element: [UInt8] = []
                append(value, to: &element)
                append(1, element.span, to: &list)
            }
            append(5, list.span, to: &bytes)
        case .map(let attributes):
            var list: [UInt8] = []
            for attribute in attributes {
                var (entry, value): ([UInt8], [UInt8]) = ([], [])
                append(1, Array(attribute.key.utf8).span, to: &entry)
                append(attribute.value, to: &value)
                append(2, value.span, to: &entry)
                append(1, entry.span, to: &list)
            }
            append(6, list.span, to: &bytes)
        case .empty: break
        }
    }
}
