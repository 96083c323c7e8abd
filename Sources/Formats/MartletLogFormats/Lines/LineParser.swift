import MartletCore
public import MartletOTLP

/// Makes records of lines, whatever is in them: a line that cannot be read is the body of its record, whole.
///
/// Levels, times, messages, trace and span ids, services and hosts are recognised by the names that programs use for them;
/// everything else becomes an attribute.
public struct LineParser: Sendable {
    /// How lines are read.
    public let format: LineFormat

    /// What became of the lines so far.
    public private(set) var counts = LogInputCounts()

    private let limits: LogInputLimits
    private let utcOffset: Int64

    /// Creates a parser.
    ///
    /// - Parameters:
    ///   - format: How lines are read.
    ///   - limits: How much of them is taken.
    ///   - utcOffset: How many seconds a time without a zone is ahead of UTC.
    public init(_ format: LineFormat = .automatic, limits: LogInputLimits = LogInputLimits(), utcOffset: Int64 = 0) {
        self.format = format
        self.limits = limits
        self.utcOffset = utcOffset
    }

    /// Gives the counts and begins anew at nothing.
    public mutating func takeCounts() -> LogInputCounts {
        defer { counts = LogInputCounts() }
        return counts
    }

    /// The record of a line.
    ///
    /// - Parameters:
    ///   - line: The line, cut to the limit already.
    ///   - observed: When it arrived, in nanoseconds since the epoch.
    /// - Returns: The record and what it comes from.
    /// - Complexity: O(*n*) in the bytes.
    public mutating func parse(_ line: LineFramer.Line, observed: Int64) -> ParsedLine {
        var bytes = line.bytes[...]
        var cut = line.cutBytes
        if bytes.count > limits.lineBytes {
            cut += bytes.count - limits.lineBytes
            bytes = bytes.prefix(limits.lineBytes)
        }
        var draft = EntryDraft(attributesMax: limits.attributes, utcOffset: utcOffset)
        if cut > 0 {
            counts.cut += 1
            draft.attribute("log.cut_bytes", .int(Int64(cut)))
        }
        // A line without its end is not of any form, but its beginning tells time and level all the same.
        let isParsed = read(bytes, cut == 0 ? format : .plain, into: &draft, observed: observed)
        if !isParsed { counts.unparsed += 1 }
        if draft.entry.body == .empty { draft.entry.body = .string(text(bytes)) }
        return finish(&draft, observed: observed)
    }

    /// Bounds the time of a record and counts what was left out; for records that other readers made.
    mutating func finish(_ draft: inout EntryDraft, observed: Int64) -> ParsedLine {
        counts.records += 1
        counts.droppedAttributes += draft.dropped
        var entry = draft.finish()
        settleTime(&entry, observed: observed)
        return ParsedLine(entry: entry, resource: draft.resource)
    }

    /// Gives a record the time of its arrival where it has none or claims one too far away, which stays as an attribute.
    public mutating func settleTime(_ entry: inout LogEntry, observed: Int64) {
        entry.observedTime = UInt64(max(0, observed))
        guard entry.time != 0 else {
            entry.time = entry.observedTime
            return
        }
        let claimed = Int64(clamping: entry.time)
        let distance = observed.subtractingReportingOverflow(claimed)
        guard
            distance.overflow || distance.partialValue > limits.pastSeconds * 1_000_000_000
                || distance.partialValue < -limits.futureSeconds * 1_000_000_000
        else { return }
        counts.retimed += 1
        let text = RFC3339.shortString(nanosecondsSinceEpoch: claimed)
        entry.attributes.append(Attribute("log.claimed_time", .string(text)))
        entry.time = entry.observedTime
    }

    // MARK: Forms

    private mutating func read(
        _ line: ArraySlice<UInt8>,
        _ format: LineFormat,
        into draft: inout EntryDraft,
        observed: Int64
    ) -> Bool {
        switch format {
        case .automatic: return readAny(line, into: &draft, observed: observed)
        case .json: return readJSON(line, into: &draft)
        case .logfmt: return readLogfmt(line, into: &draft)
        case .access: return AccessLine.read(line, into: &draft)
        case .syslog: return readSyslog(line, into: &draft, observed: observed)
        case .plain:
            readPlain(line, into: &draft)
            return true
        case .expression(let pattern): return readGroups(line, pattern, into: &draft)
        }
    }

    private mutating func readAny(_ line: ArraySlice<UInt8>, into draft: inout EntryDraft, observed: Int64) -> Bool {
        switch line.first {
        case UInt8(ascii: "{"): if readJSON(line, into: &draft) { return true }
        case UInt8(ascii: "<"): if readSyslog(line, into: &draft, observed: observed) { return true }
        default:
            if LogfmtLine.isLikely(line), readLogfmt(line, into: &draft) { return true }
            if AccessLine.read(line, into: &draft) { return true }
        }
        readPlain(line, into: &draft)
        return true
    }

    private mutating func readJSON(_ line: ArraySlice<UInt8>, into draft: inout EntryDraft) -> Bool {
        // One member more, so that the draft's own count of what is left out is right for small excesses too.
        guard let object = JSONLine(line, depthMax: limits.depth, membersMax: limits.attributes + 16) else {
            return false
        }
        counts.duplicateKeys += object.duplicates
        counts.droppedAttributes += object.dropped
        if object.isRepaired { counts.repaired += 1 }
        for (name, value) in object.members { draft.take(name, value) }
        describeRequest(&draft)
        return true
    }

    /// An access log in JSON has no message; its request is what a reader looks for.
    private func describeRequest(_ draft: inout EntryDraft) {
        guard draft.entry.body == .empty,
            case .string(let request)? = draft.entry.attributes.first(where: { $0.key == "request" })?.value
        else { return }
        draft.entry.body = .string(draft.status.map { "\(request) \($0)" } ?? request)
    }

    private func readLogfmt(_ line: ArraySlice<UInt8>, into draft: inout EntryDraft) -> Bool {
        guard let pairs = LogfmtLine.read(line) else { return false }
        for (name, value) in pairs { draft.take(name, value) }
        return true
    }

    /// A message of syslog, and what its text says where that has a form too.
    private mutating func readSyslog(_ line: ArraySlice<UInt8>, into draft: inout EntryDraft, observed: Int64) -> Bool {
        guard SyslogMessage.read(line, into: &draft, observed: observed, utcOffset: utcOffset) else { return false }
        guard case .string(let body) = draft.entry.body else { return true }
        var bytes = Array(body.utf8)
        // The mark of journald and rsyslog before JSON.
        if bytes.starts(with: "@cee:".utf8) { bytes = Array(bytes.dropFirst(5)[...].trimmed) }
        guard bytes.first == UInt8(ascii: "{"),
            let object = JSONLine(bytes[...], depthMax: limits.depth, membersMax: limits.attributes + 16)
        else { return true }
        counts.duplicateKeys += object.duplicates
        counts.droppedAttributes += object.dropped
        // The object knows better than the envelope how much it matters.
        draft.entry.body = .empty
        let severity = (draft.entry.severity, draft.entry.severityText)
        draft.entry.severity = 0
        for (name, value) in object.members { draft.take(name, value) }
        if draft.entry.severity == 0 { (draft.entry.severity, draft.entry.severityText) = severity }
        describeRequest(&draft)
        if draft.entry.body == .empty { draft.entry.body = .string(body) }
        return true
    }

    private func readPlain(_ line: ArraySlice<UInt8>, into draft: inout EntryDraft) {
        PlainLine.read(line, into: &draft, utcOffset: utcOffset)
    }

    private mutating func readGroups(
        _ line: ArraySlice<UInt8>,
        _ pattern: any LinePattern,
        into draft: inout EntryDraft
    ) -> Bool {
        guard let groups = pattern.groups(in: line) else { return false }
        for group in groups { draft.take(group.name, .string(text(line[group.range]))) }
        return true
    }

    /// The text of bytes; wrong ones are replaced, and that is counted.
    private mutating func text(_ bytes: ArraySlice<UInt8>) -> String {
        if bytes.allSatisfy({ $0 < 0x80 }) { return String(decoding: bytes, as: UTF8.self) }
        if let text = String(validating: bytes, as: UTF8.self) { return text }
        counts.repaired += 1
        return String(decoding: bytes, as: UTF8.self)
    }
}
