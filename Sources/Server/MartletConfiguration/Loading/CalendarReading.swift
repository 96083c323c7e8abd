import MartletAlerting
import MartletCore
import MartletYAML

/// Reads Alertmanager's `time_intervals`.
struct CalendarReading {
    private static let weekdays = ["sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"]
    private static let months = [
        "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november",
        "december",
    ]

    private let context: ReadingContext

    init(_ context: ReadingContext) {
        self.context = context
    }

    func read(_ node: YAMLNode) -> [String: [CalendarInterval]] {
        var found: [String: [CalendarInterval]] = [:]
        let _: [Int] = context.list(node) { item in
            guard let reader = MappingReader(item, context) else { return nil }
            defer { reader.finish() }
            let intervals = reader.mappings("time_intervals", interval)
            guard let name = reader.requiredString("name") else { return nil }
            if found[name] != nil { reader.report("time interval \"\(name)\" is already defined", at: "name") }
            found[name] = intervals
            return nil
        }
        return found
    }

    private func interval(_ reader: MappingReader) -> CalendarInterval? {
        var interval = CalendarInterval()
        interval.times = reader.mappings("times", times)
        interval.weekdays = reader.list("weekdays") { range($0, "weekday", 0...6, Self.weekdays, first: 0) }
        interval.daysOfMonth = reader.list("days_of_month", days)
        interval.months = reader.list("months") { range($0, "month", 1...12, Self.months, first: 1) }
        interval.years = reader.list("years") { range($0, "year", 1970...9999, [], first: 0) }
        if let name = reader.string("location") { interval.zone = zone(name, reader) }
        return interval
    }

    private func times(_ reader: MappingReader) -> Range<Int>? {
        // Both are read, so that neither is told to be unknown because of the other.
        let (first, last) = (reader.requiredNode("start_time"), reader.requiredNode("end_time"))
        guard let start = first.flatMap(minute), let end = last.flatMap(minute) else { return nil }
        guard start < end else {
            reader.report("end_time must be after start_time; use two ranges to pass midnight", at: "end_time")
            return nil
        }
        return start..<end
    }

    private func minute(_ node: YAMLNode) -> Int? {
        guard let text = context.string(node, expected: "a time such as 09:00") else { return nil }
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        let isTwoNumbers = parts.count == 2 && parts.allSatisfy { $0.utf8.count == 2 && $0.utf8.allSatisfy(isDigit) }
        if isTwoNumbers, let hour = Int(parts[0]), let minute = Int(parts[1]),
            (0...23).contains(hour) && (0...59).contains(minute) || (hour == 24 && minute == 0)
        {
            return hour * 60 + minute
        }
        context.report("expected a time from 00:00 to 24:00, found \"\(text)\"", at: node.mark)
        return nil
    }

    private func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }

    /// A range such as `monday:friday`, `-5:-1` or `2026`.
    private func range(
        _ node: YAMLNode,
        _ what: String,
        _ bounds: ClosedRange<Int>,
        _ names: [String],
        first: Int
    ) -> ClosedRange<Int>? {
        guard let text = context.string(node, expected: "a \(what) or a range of them") else { return nil }
        let parts = text.lowercased().split(separator: ":", omittingEmptySubsequences: false).map(String.init)
        let numbers = parts.map { part in names.firstIndex(of: part).map { $0 + first } ?? Int(part) }
        let valid = numbers.compactMap(\.self).filter(bounds.contains)
        guard (1...2).contains(parts.count), valid.count == parts.count, let low = valid.first, let high = valid.last
        else {
            let near = names.isEmpty ? nil : Suggestion.closest(to: parts.first ?? "", among: names)
            let hint = near.map { " (did you mean \"\($0)\"?)" } ?? ""
            context.report("\"\(text)\" is no \(what) or range of them\(hint)", at: node.mark)
            return nil
        }
        guard low <= high else {
            context.report("\"\(text)\" begins after its end", at: node.mark)
            return nil
        }
        return low...high
    }

    /// Days such as `1:5` or `-3:-1`; days from the end may follow days from the start, as in `1:-1`.
    private func days(_ node: YAMLNode) -> CalendarInterval.Days? {
        guard let text = context.string(node, expected: "a day of the month or a range of them") else { return nil }
        let numbers = text.split(separator: ":", omittingEmptySubsequences: false).map { Int($0) }
        let valid = numbers.compactMap(\.self).filter { (-31...31).contains($0) && $0 != 0 }
        guard (1...2).contains(numbers.count), valid.count == numbers.count, let first = valid.first,
            let last = valid.last
        else {
            context.report("\"\(text)\" is no day of the month or range of them", at: node.mark)
            return nil
        }
        guard (first < 0) == (last < 0) ? first <= last : first > 0 else {
            context.report("\"\(text)\" begins after its end", at: node.mark)
            return nil
        }
        return CalendarInterval.Days(first, last)
    }

    private func zone(_ name: String, _ reader: MappingReader) -> TimeZoneTable {
        if name == "UTC" { return .utc }
        let isName = name.utf8.allSatisfy { byte in
            (0x30...0x39).contains(byte) || (0x61...0x7a).contains(byte | 0x20) || "/_+-".utf8.contains(byte)
        }
        let path = name == "Local" ? "/etc/localtime" : "/usr/share/zoneinfo/\(name)"
        if isName, !name.hasPrefix("/"), let bytes = try? FileContent.bytes(of: path, bytesMax: 1 << 20),
            let table = TimeZoneTable(bytes)
        {
            return table
        }
        reader.report(
            "unknown location \"\(name)\"; it has to look like Europe/Berlin and be in \(path)",
            at: "location"
        )
        return .utc
    }
}
