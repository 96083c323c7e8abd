/// What makes two errors the same: their type, where they came up, and their words without what varies.
///
/// Numbers, hexadecimal ids, quoted texts and paths in the message are taken as placeholders, so that `user 17 not found` and
/// `user 18 not found` are one error.
public struct ErrorFingerprint: Sendable, Hashable, CustomStringConvertible {
    /// 64 bits, by FNV-1a.
    public let value: UInt64

    /// The fingerprint of an error.
    ///
    /// - Parameters:
    ///   - type: The error's type.
    ///   - message: What it says.
    ///   - component: Where it came up.
    public init(type: String, message: String, component: String) {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for text in [type, component, Self.pattern(of: message)] {
            for byte in text.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
            hash = (hash ^ 0xff) &* 0x100_0000_01b3
        }
        value = hash
    }

    /// 16 hexadecimal digits.
    public var description: String {
        let digits = String(value, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }

    /// A message with placeholders for what varies: `<n>` for words with a digit, `<text>` for what stands in quotes, `<path>`.
    ///
    /// Linear in the message, of which the first 1,024 bytes count.
    public static func pattern(of message: String) -> String {
        var message = message
        return message.withUTF8 { bytes in
            unsafe String(decoding: pattern(of: UnsafeBufferPointer(rebasing: bytes.prefix(1024))), as: UTF8.self)
        }
    }

    // Safety: every index is below the buffer's count.
    private static func pattern(of bytes: UnsafeBufferPointer<UInt8>) -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(bytes.count)
        var at = 0
        while at < bytes.count {
            let first = unsafe bytes[at]
            if isQuote(first), let length = unsafe bytes[(at + 1)...].firstIndex(of: first) {
                result += text
                at = length + 1
                continue
            }
            guard isWordByte(first) else {
                result.append(first)
                at += 1
                continue
            }
            let start = at
            var (hasDigit, hasSlash) = (false, false)
            while at < bytes.count {
                let byte = unsafe bytes[at]
                guard isWordByte(byte) else { break }
                if byte == 0x2f { hasSlash = true } else if (0x30...0x39).contains(byte) { hasDigit = true }
                at += 1
            }
            if hasSlash, at - start > 1 {
                result += path
            } else if hasDigit {
                result += number
            } else {
                for place in start..<at { result.append(unsafe bytes[place]) }
            }
        }
        return result
    }

    private static let text = Array("<text>".utf8)
    private static let path = Array("<path>".utf8)
    private static let number = Array("<n>".utf8)

    private static func isQuote(_ byte: UInt8) -> Bool { byte == 0x22 || byte == 0x27 || byte == 0x60 }

    /// Whether a byte is of a word: letters, digits, what ids and paths are made of, and all beyond ASCII.
    private static func isWordByte(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x2d...0x39, 0x41...0x5a, 0x5f, 0x61...0x7a: true
        default: byte >= 0x80
        }
    }
}
