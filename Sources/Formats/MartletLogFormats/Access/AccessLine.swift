import MartletCore
import MartletOTLP

/// Reads the common and the combined log format of Apache and nginx.
///
/// - SeeAlso: [Apache 2.4, log files](https://httpd.apache.org/docs/2.4/logs.html)
enum AccessLine {
    /// Puts a line into a draft; `false` where it has not that form, and then nothing was put.
    static func read(_ line: ArraySlice<UInt8>, into draft: inout EntryDraft) -> Bool {
        var cursor = TextCursor(line)
        let client = cursor.word()
        guard !client.isEmpty, cursor.take(0x20) else { return false }
        let identity = cursor.word()
        guard !identity.isEmpty, cursor.take(0x20) else { return false }
        // A user's name may have blanks; the bracket ends it.
        guard let bracket = cursor.rest.firstIndex(of: UInt8(ascii: "[")), bracket > cursor.place else { return false }
        let user = cursor.bytes[cursor.place..<bracket].trimmed
        cursor.skip(to: bracket + 1)
        guard let written = cursor.takeUntil(UInt8(ascii: "]")), let time = TimestampText.parse(written), time > 0,
            cursor.take(0x20), let request = quoted(&cursor), cursor.take(0x20),
            let status = cursor.number(digits: 3...3),
            cursor.take(0x20)
        else { return false }
        let size = cursor.word()
        let bytes = Int64(String(decoding: size, as: UTF8.self))
        guard bytes != nil || size.elementsEqual("-".utf8) else { return false }
        draft.entry.time = UInt64(time)
        draft.entry.body = .string("\(request) \(status)")
        draft.entry.severity = LevelWord.severity(status: status)
        draft.attribute("client.address", unlessDash: String(decoding: client, as: UTF8.self))
        draft.attribute("user.name", unlessDash: String(decoding: user, as: UTF8.self))
        addRequest(request, to: &draft)
        draft.attribute(EntryDraft.statusKey, .int(status))
        if let bytes { draft.attribute("http.response.body.size", .int(bytes)) }
        addRest(&cursor, to: &draft)
        return true
    }

    private static func addRequest(_ request: String, to draft: inout EntryDraft) {
        let parts = request.split(separator: " ", omittingEmptySubsequences: false)
        // What a client sent instead of a request stays in the body alone.
        guard parts.count == 3 || parts.count == 2, let method = parts.first, !method.isEmpty,
            method.utf8.allSatisfy({ (0x41...0x5a).contains($0) || $0 == 0x2d })
        else { return }
        draft.attribute("http.request.method", .string(String(method)))
        let target = parts[1]
        let mark = target.firstIndex(of: "?")
        draft.attribute("url.path", .string(String(target[..<(mark ?? target.endIndex)])))
        if let mark { draft.attribute("url.query", .string(String(target[target.index(after: mark)...]))) }
        if parts.count == 3, parts[2].hasPrefix("HTTP/") {
            draft.attribute("network.protocol.version", .string(String(parts[2].dropFirst(5))))
        }
    }

    /// Referrer and agent of the combined format, then whatever a site added in quotes or without.
    private static func addRest(_ cursor: inout TextCursor, to draft: inout EntryDraft) {
        var names = ["http.request.header.referer", "user_agent.original"][...]
        var extra = 1
        while cursor.take(0x20) {
            let isQuoted = cursor.next == UInt8(ascii: "\"")
            let text = isQuoted ? quoted(&cursor) : String(decoding: cursor.word(), as: UTF8.self)
            guard let text else {
                draft.attribute("rest", .string(String(decoding: cursor.rest, as: UTF8.self)))
                return
            }
            if isQuoted, let name = names.popFirst() {
                draft.attribute(name, unlessDash: text)
            } else {
                draft.attribute("field\(extra)", unlessDash: text)
                extra += 1
            }
        }
    }

    /// A text in quotes, in which `\"`, `\\` and `\xHH` stand for what they stand for.
    private static func quoted(_ cursor: inout TextCursor) -> String? {
        guard cursor.take(UInt8(ascii: "\"")) else { return nil }
        var bytes: [UInt8] = []
        while let byte = cursor.next {
            _ = cursor.take(byte)
            if byte == UInt8(ascii: "\"") { return String(decoding: bytes, as: UTF8.self) }
            guard byte == UInt8(ascii: "\\"), let letter = cursor.next else {
                bytes.append(byte)
                continue
            }
            _ = cursor.take(letter)
            let digits = cursor.rest.prefix(2)
            if letter == UInt8(ascii: "x"), digits.count == 2,
                let value = UInt8(String(decoding: digits, as: UTF8.self), radix: 16)
            {
                bytes.append(value)
                cursor.skip(to: cursor.place + 2)
            } else if letter == UInt8(ascii: "\"") || letter == UInt8(ascii: "\\") {
                bytes.append(letter)
            } else {
                bytes += [byte, letter]
            }
        }
        return nil
    }
}

extension ArraySlice<UInt8> {
    /// The bytes without blanks at either end.
    var trimmed: ArraySlice<UInt8> {
        var rest = self
        while let first = rest.first, first == 0x20 || first == 0x09 { rest.removeFirst() }
        while let last = rest.last, last == 0x20 || last == 0x09 { rest.removeLast() }
        return rest
    }
}
