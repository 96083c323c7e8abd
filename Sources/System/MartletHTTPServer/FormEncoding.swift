/// The form encoding of queries and bodies: `a=1&b=two+words`.
///
/// - SeeAlso: [WHATWG URL, urlencoded parsing](https://url.spec.whatwg.org/#urlencoded-parsing)
public enum FormEncoding {
    /// The names and values of an encoded text, in order; malformed escapes stay as they are.
    public static func decode(_ text: String) -> [(name: String, value: String)] {
        text.utf8.split(separator: UInt8(ascii: "&")).map { pair in
            let parts = pair.split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
            let value = parts.count > 1 ? percentDecoded(parts[1], plusIsSpace: true) : ""
            return (percentDecoded(parts[0], plusIsSpace: true), value)
        }
    }

    /// A text with percent escapes replaced by the bytes they stand for; malformed escapes stay as they are.
    public static func percentDecoded(_ text: some Collection<UInt8>, plusIsSpace: Bool = false) -> String {
        let bytes = Array(text)
        var result: [UInt8] = []
        var place = 0
        while place < bytes.count {
            let byte = bytes[place]
            if byte == UInt8(ascii: "%"), place + 2 < bytes.count,
                let value = UInt8(String(decoding: bytes[(place + 1)...(place + 2)], as: UTF8.self), radix: 16)
            {
                result.append(value)
                place += 3
                continue
            }
            result.append(plusIsSpace && byte == UInt8(ascii: "+") ? UInt8(ascii: " ") : byte)
            place += 1
        }
        return String(decoding: result, as: UTF8.self)
    }

    /// A text with every byte escaped but letters, digits and `-._~`.
    public static func percentEncoded(_ text: String) -> String {
        var result = ""
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
                UInt8(ascii: "~"):
                result.unicodeScalars.append(.init(byte))
            default:
                let hex = String(byte, radix: 16, uppercase: true)
                result += hex.utf8.count < 2 ? "%0" + hex : "%" + hex
            }
        }
        return result
    }
}
