import MartletEvents
import MartletFiles

/// The texts among the fields that few spans have, as they stand in the message that the span came as.
enum SpanExtras {
    /// Whether a text is wanted: the name of an event, a text among the attributes of one, or the status' message.
    static func contain(_ fields: Span<UInt8>, where isWanted: (Span<UInt8>) -> Bool) -> Bool {
        isAny(fields) { field, content in
            switch field {
            case 9: attribute(content, isWanted)
            case 11:
                isAny(content) { field, content in
                    field == 2 ? isWanted(content) : field == 3 && attribute(content, isWanted)
                }
            case 15: isAny(content) { $0 == 2 && isWanted($1) }
            default: false
            }
        }
    }

    private static func attribute(_ message: Span<UInt8>, _ isWanted: (Span<UInt8>) -> Bool) -> Bool {
        isAny(message) { field, value in field == 2 && isAny(value) { $0 == 1 && isWanted($1) } }
    }

    /// Whether a field of a message that has bytes of its own will do; what makes no message has none.
    private static func isAny(_ message: Span<UInt8>, _ isWanted: (UInt64, Span<UInt8>) -> Bool) -> Bool {
        var at = 0
        while at < message.count {
            guard let tag = message.varint(&at) else { return false }
            switch tag & 7 {
            case 0: if message.varint(&at) == nil { return false }
            case 1: at += 8
            case 2:
                guard let size = message.varint(&at), size <= UInt64(message.count - at) else { return false }
                let end = at + Int(size)
                if isWanted(tag >> 3, message.extracting(at..<end)) { return true }
                at = end
            case 5: at += 4
            default: return false
            }
        }
        return false
    }
}
