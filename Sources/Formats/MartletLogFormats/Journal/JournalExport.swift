import MartletCore
import MartletOTLP

/// Reads journald's export format, as `journalctl -o export` and systemd-journal-upload write it, piece by piece.
///
/// An entry is a row of fields that an empty line ends; a field is `NAME=text` and a line feed, or its name, a line feed, eight
/// bytes of length, little-endian, and as many bytes. An entry longer than the limit is passed over and counted.
///
/// - SeeAlso: [Journal export formats](https://systemd.io/JOURNAL_EXPORT_FORMATS/)
public struct JournalExport: Sendable {
    private enum State: Sendable {
        case field
        case length(name: String)
        case content(name: String, left: Int, isKept: Bool)
    }

    private let limits: LogInputLimits
    private var parser: LineParser
    private var state = State.field
    private var pending: [UInt8] = []
    private var fields: [(name: String, value: String)] = []
    private var bytes = 0
    private var isTooLong = false
    private var isInSkippedLine = false

    /// How many entries were longer than the limit, or had no message, and were passed over.
    public private(set) var skipped = 0

    /// Creates a reader.
    public init(limits: LogInputLimits = LogInputLimits()) {
        self.limits = limits
        parser = LineParser(.plain, limits: limits)
    }

    /// What became of the entries so far.
    public var counts: LogInputCounts { parser.counts }

    /// Takes bytes in and gives the records that they end.
    ///
    /// - Parameters:
    ///   - bytes: The next bytes of the stream.
    ///   - observed: When they arrived, in nanoseconds since the epoch.
    /// - Returns: The records, in their order.
    /// - Complexity: O(*n*) in the bytes.
    public mutating func take(_ bytes: ArraySlice<UInt8>, observed: Int64) -> [ParsedLine] {
        var records: [ParsedLine] = []
        var rest = bytes
        while !rest.isEmpty {
            switch state {
            case .field:
                let end = rest.firstIndex(of: 0x0a)
                keep(rest[..<(end ?? rest.endIndex)])
                guard let end else { return records }
                rest = rest[(end + 1)...]
                if let record = finishLine(observed) { records.append(record) }
            case .length(let name):
                let part = rest.prefix(8 - pending.count)
                pending += part
                rest = rest.dropFirst(part.count)
                guard pending.count == 8 else { return records }
                let length = pending.reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
                pending = []
                self.bytes += Int(clamping: min(length, 1 << 40))
                let isKept = self.bytes <= limits.lineBytes
                if !isKept { isTooLong = true }
                // The line feed behind the bytes belongs to the field.
                state = .content(name: name, left: Int(clamping: length), isKept: isKept)
            case .content(let name, let left, let isKept):
                let part = rest.prefix(left)
                if isKept { pending += part }
                rest = rest.dropFirst(part.count)
                state = .content(name: name, left: left - part.count, isKept: isKept)
                guard left == part.count, !rest.isEmpty else { continue }
                rest = rest.dropFirst()
                add(name, pending[...])
                (pending, state) = ([], .field)
            }
        }
        return records
    }

    /// The record that the end of the stream ends, `nil` where there is none.
    public mutating func finish(observed: Int64) -> ParsedLine? {
        if case .field = state, !pending.isEmpty, let record = finishLine(observed) { return record }
        return finishEntry(observed)
    }

    private mutating func keep(_ part: ArraySlice<UInt8>) {
        bytes += part.count
        if bytes > limits.lineBytes {
            isTooLong = true
            isInSkippedLine = isInSkippedLine || !part.isEmpty
            pending = []
        } else {
            pending += part
        }
    }

    private mutating func finishLine(_ observed: Int64) -> ParsedLine? {
        defer { (pending, isInSkippedLine) = ([], false) }
        if isInSkippedLine { return nil }
        if pending.isEmpty { return finishEntry(observed) }
        guard let equals = pending.firstIndex(of: 0x3d) else {
            state = .length(name: String(decoding: pending, as: UTF8.self))
            return nil
        }
        add(String(decoding: pending[..<equals], as: UTF8.self), pending[(equals + 1)...])
        return nil
    }

    private mutating func add(_ name: String, _ value: ArraySlice<UInt8>) {
        guard fields.count < 4 * limits.attributes else { return }
        fields.append((name, String(decoding: value, as: UTF8.self)))
    }

    private mutating func finishEntry(_ observed: Int64) -> ParsedLine? {
        defer { (fields, bytes, isTooLong, state) = ([], 0, false, .field) }
        guard !fields.isEmpty || isTooLong else { return nil }
        guard !isTooLong, fields.contains(where: { $0.name == "MESSAGE" }) else {
            skipped += 1
            return nil
        }
        var draft = EntryDraft(attributesMax: limits.attributes, utcOffset: 0)
        for (name, value) in fields { place(name, value, &draft) }
        return parser.finish(&draft, observed: observed)
    }

    private func place(_ name: String, _ value: String, _ draft: inout EntryDraft) {
        switch name {
        case "MESSAGE": draft.entry.body = .string(value)
        case "PRIORITY":
            guard let priority = Int(value), (0...7).contains(priority) else { return }
            draft.entry.severity = LevelWord.severity(syslog: priority)
        case "_SOURCE_REALTIME_TIMESTAMP":
            if let time = UInt64(value), time < 1 << 53 { draft.entry.time = time * 1_000 }
        case "__REALTIME_TIMESTAMP":
            if draft.entry.time == 0, let time = UInt64(value), time < 1 << 53 { draft.entry.time = time * 1_000 }
        case "_HOSTNAME": _ = draft.resource("host.name", value)
        case "SYSLOG_IDENTIFIER": _ = draft.resource("service.name", value)
        case "_PID": draft.attribute("process.pid", .string(value))
        case "_SYSTEMD_UNIT": draft.attribute("systemd.unit", .string(value))
        case "CODE_FILE": draft.attribute("code.file.path", .string(value))
        case "CODE_LINE": draft.attribute("code.line.number", .string(value))
        case "CODE_FUNC": draft.attribute("code.function.name", .string(value))
        case _ where name.hasPrefix("__"): break
        case _ where name.hasPrefix("_"): draft.attribute("journal." + name.dropFirst().lowercased(), .string(value))
        default: draft.take(name.lowercased(), .string(value))
        }
    }
}
