import MartletCore
import MartletOTLP

/// Reads a message of syslog, in the form of RFC 5424 or of RFC 3164.
///
/// - SeeAlso: [RFC 5424](https://www.rfc-editor.org/rfc/rfc5424), [RFC 3164](https://www.rfc-editor.org/rfc/rfc3164)
enum SyslogMessage {
    /// Puts a message into a draft; `false` where it has neither form, and then nothing was put.
    ///
    /// A message without a priority, as syslog writes into files, needs the date and the host of RFC 3164 to be known as one.
    static func read(_ message: ArraySlice<UInt8>, into draft: inout EntryDraft, observed: Int64, utcOffset: Int64)
        -> Bool
    {
        var cursor = TextCursor(message)
        let priority = priority(&cursor)
        if priority != nil {
            var modern = cursor
            if modern.take(text: "1 "), readModern(&modern, into: &draft) {
                finish(priority, &draft)
                return true
            }
        }
        var fresh = draft
        guard readTraditional(&cursor, into: &fresh, observed, utcOffset, hasPriority: priority != nil) else {
            return false
        }
        draft = fresh
        finish(priority, &draft)
        return true
    }

    /// Whether a message begins with a priority, `<13>`.
    static func hasPriority(_ message: ArraySlice<UInt8>) -> Bool {
        var cursor = TextCursor(message)
        return priority(&cursor) != nil
    }

    private static func priority(_ cursor: inout TextCursor) -> Int? {
        let start = cursor
        if cursor.take(UInt8(ascii: "<")), let number = cursor.number(digits: 1...3), number <= 191,
            cursor.take(UInt8(ascii: ">"))
        {
            return Int(number)
        }
        cursor = start
        return nil
    }

    private static func finish(_ priority: Int?, _ draft: inout EntryDraft) {
        guard let priority else { return }
        draft.entry.severity = LevelWord.severity(syslog: priority & 7)
        draft.entry.severityText = severities[priority & 7]
        draft.attribute("syslog.facility", .string(facilities[priority >> 3]))
    }

    private static let severities = ["emerg", "alert", "crit", "err", "warning", "notice", "info", "debug"]

    private static let facilities = [
        "kern", "user", "mail", "daemon", "auth", "syslog", "lpr", "news", "uucp", "cron", "authpriv", "ftp", "ntp",
        "audit",
        "alert", "clock", "local0", "local1", "local2", "local3", "local4", "local5", "local6", "local7",
    ]

    // MARK: RFC 5424

    private static func readModern(_ cursor: inout TextCursor, into draft: inout EntryDraft) -> Bool {
        let timestamp = cursor.word()
        guard cursor.take(0x20), isDash(timestamp) || TimestampText.parse(timestamp) != nil else { return false }
        let host = cursor.word()
        guard !host.isEmpty, cursor.take(0x20) else { return false }
        let application = cursor.word()
        guard !application.isEmpty, cursor.take(0x20) else { return false }
        let process = cursor.word()
        guard !process.isEmpty, cursor.take(0x20) else { return false }
        let kind = cursor.word()
        guard !kind.isEmpty, cursor.take(0x20) else { return false }
        guard let data = structuredData(&cursor) else { return false }
        guard cursor.isAtEnd || cursor.take(0x20) else { return false }
        // One space more comes from rsyslog, which keeps the one that stood behind the tag of RFC 3164.
        _ = cursor.take(0x20)
        if let time = TimestampText.parse(timestamp), time > 0 { draft.entry.time = UInt64(time) }
        _ = draft.resource("host.name", text(host))
        _ = draft.resource("service.name", text(application))
        draft.attribute("process.pid", unlessDash: text(process))
        draft.attribute("syslog.msgid", unlessDash: text(kind))
        for (name, value) in data { draft.attribute(name, .string(value)) }
        // A message in UTF-8 may begin with a byte order mark that tells so.
        let body = cursor.rest.starts(with: [0xef, 0xbb, 0xbf]) ? cursor.rest.dropFirst(3) : cursor.rest
        draft.entry.body = .string(text(body))
        return true
    }

    private static func structuredData(_ cursor: inout TextCursor) -> [(String, String)]? {
        if cursor.take(UInt8(ascii: "-")) { return [] }
        var data: [(String, String)] = []
        guard cursor.next == UInt8(ascii: "[") else { return nil }
        while cursor.take(UInt8(ascii: "[")) {
            let start = cursor.place
            while let byte = cursor.next, byte > 0x20, byte != UInt8(ascii: "]"), byte != UInt8(ascii: "=") {
                _ = cursor.take(byte)
            }
            guard cursor.place > start else { return nil }
            let id = text(cursor.bytes[start..<cursor.place])
            while cursor.take(0x20) {
                let start = cursor.place
                while let byte = cursor.next, byte > 0x20, byte != UInt8(ascii: "=") { _ = cursor.take(byte) }
                let name = text(cursor.bytes[start..<cursor.place])
                guard !name.isEmpty, cursor.take(UInt8(ascii: "=")), let value = quoted(&cursor) else { return nil }
                data.append(("\(id).\(name)", value))
            }
            guard cursor.take(UInt8(ascii: "]")) else { return nil }
        }
        return data
    }

    private static func quoted(_ cursor: inout TextCursor) -> String? {
        guard cursor.take(UInt8(ascii: "\"")) else { return nil }
        var bytes: [UInt8] = []
        while let byte = cursor.next {
            _ = cursor.take(byte)
            switch byte {
            case UInt8(ascii: "\""): return text(bytes[...])
            case UInt8(ascii: "\\"):
                if let next = cursor.next, next == UInt8(ascii: "\"") || next == UInt8(ascii: "\\") || next == 0x5d {
                    _ = cursor.take(next)
                    bytes.append(next)
                } else {
                    bytes.append(byte)
                }
            default: bytes.append(byte)
            }
        }
        return nil
    }

    // MARK: RFC 3164

    /// The date with or without a year, the host, and a tag that a colon or the number of a process ends.
    private static func readTraditional(
        _ cursor: inout TextCursor,
        into draft: inout EntryDraft,
        _ observed: Int64,
        _ utcOffset: Int64,
        hasPriority: Bool
    ) -> Bool {
        let start = cursor
        if let time = TimestampText.withoutYear(&cursor, observed: observed, utcOffset: utcOffset), cursor.take(0x20) {
            draft.entry.time = UInt64(max(0, time))
        } else {
            cursor = start
            let word = cursor.word()
            guard let time = TimestampText.parse(word, utcOffset: utcOffset), time > 0, cursor.take(0x20) else {
                // A priority and a text: what simple devices send.
                guard hasPriority else { return false }
                cursor = start
                readTag(&cursor, into: &draft)
                return true
            }
            draft.entry.time = UInt64(time)
        }
        let beforeHost = cursor
        let host = cursor.word()
        // A tag where the host belongs: messages of this machine's own programs lack the host.
        if host.last == UInt8(ascii: ":") || host.contains(UInt8(ascii: "[")) || !cursor.take(0x20) {
            cursor = beforeHost
        } else {
            _ = draft.resource("host.name", text(host))
        }
        readTag(&cursor, into: &draft)
        return true
    }

    private static func readTag(_ cursor: inout TextCursor, into draft: inout EntryDraft) {
        let start = cursor
        while let byte = cursor.next, isTag(byte), cursor.place - start.place < 64 { _ = cursor.take(byte) }
        let tag = cursor.bytes[start.place..<cursor.place]
        var process: ArraySlice<UInt8>?
        if cursor.take(UInt8(ascii: "[")) { process = cursor.takeUntil(UInt8(ascii: "]")) }
        guard !tag.isEmpty, cursor.take(UInt8(ascii: ":")) else {
            draft.entry.body = .string(text(start.rest))
            return
        }
        _ = cursor.take(0x20)
        _ = draft.resource("service.name", text(tag))
        if let process { draft.attribute("process.pid", unlessDash: text(process)) }
        draft.entry.body = .string(text(cursor.rest))
    }

    private static func isTag(_ byte: UInt8) -> Bool {
        byte > 0x20 && byte < 0x7f && byte != UInt8(ascii: ":") && byte != UInt8(ascii: "[")
    }

    private static func isDash(_ bytes: ArraySlice<UInt8>) -> Bool { bytes.elementsEqual("-".utf8) }

    private static func text(_ bytes: ArraySlice<UInt8>) -> String { String(decoding: bytes, as: UTF8.self) }
}
