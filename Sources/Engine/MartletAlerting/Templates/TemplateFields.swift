/// The fields and methods of values.
enum TemplateFields {
    /// The named field, element or method's answer of a value.
    static func member(
        _ name: String,
        of value: TemplateValue,
        _ arguments: [TemplateValue]
    ) throws(TemplateFailure) -> TemplateValue {
        switch value {
        case .time(let nanoseconds): return try time(name, nanoseconds, arguments)
        case .duration(let nanoseconds): return try duration(name, nanoseconds, arguments)
        default: break
        }
        if let answer = try method(name, of: value, arguments) { return answer }
        guard arguments.isEmpty else {
            throw TemplateFailure("\(name) has arguments but cannot be invoked as function")
        }
        switch value {
        case .labels(let items): return .string(items[name] ?? "")
        case .map(let items): return items[name] ?? .none
        case .record(let type, let fields):
            guard let field = fields[name] else {
                throw TemplateFailure("can't evaluate field \(name) in type \(type)")
            }
            return field
        case .none: throw TemplateFailure("nil pointer evaluating interface {}.\(name)")
        default: throw TemplateFailure("can't evaluate field \(name) in type \(value.typeName)")
        }
    }

    /// The methods that notification templates have on their labels and alerts; `nil` for none of that name.
    private static func method(
        _ name: String,
        of value: TemplateValue,
        _ arguments: [TemplateValue]
    ) throws(TemplateFailure) -> TemplateValue? {
        switch (value, name, arguments.count) {
        case (.labels(let items), "SortedPairs", 0) where items[name] == nil: return .list(sortedPairs(items))
        case (.labels(let items), "Names", 0) where items[name] == nil:
            return .list(sortedPairs(items).map { field("Name", of: $0) })
        case (.labels(let items), "Values", 0) where items[name] == nil:
            return .list(sortedPairs(items).map { field("Value", of: $0) })
        case (.labels(let items), "Remove", 1):
            var names: Set<String> = []
            for item in try arguments[0].requireList() { names.insert(try item.requireString()) }
            return .labels(items.filter { !names.contains($0.key) })
        case (.list(let items), "Names", 0): return .list(items.map { field("Name", of: $0) })
        case (.list(let items), "Values", 0): return .list(items.map { field("Value", of: $0) })
        case (.list(let items), "Firing", 0), (.list(let items), "Resolved", 0):
            return .list(items.filter { field("Status", of: $0) == .string(name.lowercased()) })
        default: return nil
        }
    }

    /// Names and values, the alert's name first, the others by name.
    private static func sortedPairs(_ items: [String: String]) -> [TemplateValue] {
        let order = { (name: String) in (name == "alertname" ? 0 : 1, name) }
        return items.sorted { order($0.key) < order($1.key) }.map {
            .record(type: "template.Pair", fields: ["Name": .string($0.key), "Value": .string($0.value)])
        }
    }

    private static func field(_ name: String, of value: TemplateValue) -> TemplateValue {
        if case .record(_, let fields) = value { fields[name] ?? .none } else { .none }
    }

    private static func time(
        _ name: String,
        _ nanoseconds: Int64,
        _ arguments: [TemplateValue]
    ) throws(TemplateFailure) -> TemplateValue {
        let parts = TemplateTime.Parts(nanoseconds)
        switch (name, arguments.first, arguments.count) {
        case ("Format", .string(let layout)?, 1): return .string(TemplateTime.format(nanoseconds, layout))
        case ("Add", .duration(let other)?, 1): return .time(nanoseconds: nanoseconds &+ other)
        case ("Sub", .time(let other)?, 1): return .duration(nanoseconds: nanoseconds &- other)
        case ("Before", .time(let other)?, 1): return .bool(nanoseconds < other)
        case ("After", .time(let other)?, 1): return .bool(nanoseconds > other)
        case ("Equal", .time(let other)?, 1): return .bool(nanoseconds == other)
        case (_, _, 1...): throw wrongArguments(name, "time.Time")
        case ("String", _, _): return .string(TemplateTime.string(nanoseconds))
        case ("UTC", _, _), ("Local", _, _): return .time(nanoseconds: nanoseconds)
        case ("Unix", _, _): return .integer(nanoseconds / TemplateTime.nanosecondsPerSecond)
        case ("UnixMilli", _, _): return .integer(nanoseconds / 1_000_000)
        case ("UnixMicro", _, _): return .integer(nanoseconds / 1000)
        case ("UnixNano", _, _): return .integer(nanoseconds)
        case ("Year", _, _): return .integer(parts.year)
        case ("Month", _, _): return .string(TemplateTime.monthName(parts.month))
        case ("Day", _, _): return .integer(parts.day)
        case ("Hour", _, _): return .integer(parts.hour)
        case ("Minute", _, _): return .integer(parts.minute)
        case ("Second", _, _): return .integer(parts.second)
        case ("Nanosecond", _, _): return .integer(parts.nanosecond)
        case ("Weekday", _, _): return .string(TemplateTime.dayName(parts.weekday))
        case ("YearDay", _, _): return .integer(parts.yearDay)
        case ("IsZero", _, _): return .bool(false)
        default: throw TemplateFailure("can't evaluate field \(name) in type time.Time")
        }
    }

    private static func duration(
        _ name: String,
        _ nanoseconds: Int64,
        _ arguments: [TemplateValue]
    ) throws(TemplateFailure) -> TemplateValue {
        guard arguments.isEmpty else { throw wrongArguments(name, "time.Duration") }
        switch name {
        case "String": return .string(TemplateTime.durationString(nanoseconds))
        case "Hours": return .float(Double(nanoseconds) / 3.6e12)
        case "Minutes": return .float(Double(nanoseconds) / 6e10)
        case "Seconds": return .float(Double(nanoseconds) / 1e9)
        case "Milliseconds": return .integer(nanoseconds / 1_000_000)
        case "Microseconds": return .integer(nanoseconds / 1000)
        case "Nanoseconds": return .integer(nanoseconds)
        default: throw TemplateFailure("can't evaluate field \(name) in type time.Duration")
        }
    }

    private static func wrongArguments(_ name: String, _ type: String) -> TemplateFailure {
        TemplateFailure("wrong arguments for method \(name) of \(type)")
    }
}
