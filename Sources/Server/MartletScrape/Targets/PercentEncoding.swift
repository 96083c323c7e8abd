/// Texts as parts of addresses.
enum PercentEncoding {
    /// A name or a value of a query; spaces become `+`.
    static func query(_ text: String) -> String {
        encode(text, kept: "-_.~", spaceAsPlus: true)
    }

    /// A path; slashes stay.
    static func path(_ text: String) -> String {
        encode(text, kept: "-_.~/:@!$&'()*+,;=", spaceAsPlus: false)
    }

    private static func encode(_ text: String, kept: StaticString, spaceAsPlus: Bool) -> String {
        let kept = kept.description.utf8
        var bytes: [UInt8] = []
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"):
                bytes.append(byte)
            case UInt8(ascii: " ") where spaceAsPlus: bytes.append(UInt8(ascii: "+"))
            case _ where kept.contains(byte): bytes.append(byte)
            default:
                bytes.append(UInt8(ascii: "%"))
                bytes.append(hexDigit(byte >> 4))
                bytes.append(hexDigit(byte & 15))
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func hexDigit(_ value: UInt8) -> UInt8 {
        value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "A") + value - 10
    }
}
