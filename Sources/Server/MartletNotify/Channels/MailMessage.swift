import MartletCore

/// A mail of text and HTML, as bytes: headers that nothing can be injected into, and encoded parts.
///
/// - SeeAlso: [RFC 5322](https://www.rfc-editor.org/rfc/rfc5322), [RFC 2045](https://www.rfc-editor.org/rfc/rfc2045),
///   [RFC 2047](https://www.rfc-editor.org/rfc/rfc2047)
struct MailMessage {
    /// Headers in their order; one that comes twice counts once, the later value.
    private var headers: [(name: String, value: String)] = []
    var text: String
    var html: String

    init(text: String, html: String) {
        self.text = text
        self.html = html
    }

    /// Sets a header; control characters become spaces, and a name that is none is left out.
    mutating func set(_ name: String, _ value: String) {
        let isName = !name.isEmpty && name.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7f && $0 != 0x3a }
        guard isName else { return }
        let clean = MessageText.oneLine(value)
        if let index = headers.firstIndex(where: { $0.name.lowercased() == name.lowercased() }) {
            headers[index].value = clean
        } else {
            headers.append((name, clean))
        }
    }

    /// The message with lines that end in CRLF.
    ///
    /// - Parameter boundary: What separates the parts; random, so that no text can end a part.
    /// - Returns: The bytes.
    func bytes(boundary: String) -> [UInt8] {
        var message = headers.map { "\($0.name): \(Self.header($0.value, isAddress: Self.isAddress($0.name)))\r\n" }
            .joined()
        message += "MIME-Version: 1.0\r\nContent-Type: multipart/alternative; boundary=\"\(boundary)\"\r\n\r\n"
        for (type, part) in [("plain", text), ("html", html)] where !part.isEmpty {
            message += "--\(boundary)\r\nContent-Type: text/\(type); charset=utf-8\r\n"
            message += "Content-Transfer-Encoding: base64\r\n\r\n"
            message += Self.lines(Base64.encoded(Array(part.utf8)))
        }
        return Array((message + "--\(boundary)--\r\n").utf8)
    }

    private static func isAddress(_ name: String) -> Bool {
        ["from", "to", "cc", "reply-to", "sender"].contains(name.lowercased())
    }

    /// A value in ASCII; others are written as encoded words of at most 75 characters.
    private static func header(_ value: String, isAddress: Bool) -> String {
        guard !value.utf8.allSatisfy({ $0 < 0x7f }) else { return folded(value) }
        guard isAddress, let start = value.firstIndex(of: "<") else { return words(value) }
        // Only the name before an address may be encoded.
        let name = String(value[..<start]).filter { $0 != "\"" }
        return words(name.last == " " ? String(name.dropLast()) : name) + " " + value[start...]
    }

    private static func words(_ value: String) -> String {
        var words: [String] = []
        var part: [UInt8] = []
        for character in value {
            if part.count + character.utf8.count > 42 {
                words.append("=?utf-8?B?\(Base64.encoded(part))?=")
                part = []
            }
            part.append(contentsOf: character.utf8)
        }
        words.append("=?utf-8?B?\(Base64.encoded(part))?=")
        return words.joined(separator: "\r\n ")
    }

    /// A value with line breaks at spaces, so that no line passes 998 bytes.
    private static func folded(_ value: String) -> String {
        guard value.utf8.count > 900 else { return value }
        var lines: [String] = [""]
        for word in value.split(separator: " ", omittingEmptySubsequences: false) {
            if (lines.last?.utf8.count ?? 0) + word.utf8.count > 200 { lines.append("") }
            lines[lines.count - 1] += (lines.last?.isEmpty == true ? "" : " ") + word.prefix(800)
        }
        return lines.joined(separator: "\r\n ")
    }

    private static func lines(_ text: String) -> String {
        var result = ""
        var rest = text[...]
        while !rest.isEmpty {
            result += rest.prefix(76) + "\r\n"
            rest = rest.dropFirst(76)
        }
        return result
    }
}

/// Bytes in the 64 letters of RFC 4648.
enum Base64 {
    private static let letters = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

    static func encoded(_ bytes: [UInt8]) -> String {
        var result: [UInt8] = []
        result.reserveCapacity((bytes.count + 2) / 3 * 4)
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let count = min(3, bytes.count - start)
            let triple = (0..<3).reduce(0) { $0 << 8 | ($1 < count ? Int(bytes[start + $1]) : 0) }
            for place in 0..<4 {
                result.append(place <= count ? letters[triple >> (18 - 6 * place) & 63] : UInt8(ascii: "="))
            }
        }
        return String(decoding: result, as: UTF8.self)
    }
}
