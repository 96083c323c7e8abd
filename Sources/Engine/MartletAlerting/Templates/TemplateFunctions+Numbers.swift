import MartletCore

/// Prometheus' functions on numbers, durations and times.
extension TemplateFunctions {
    static let numbers: [String: Function] = [
        "humanize": number(humanized),
        "humanize1024": number(humanized1024),
        "humanizeDuration": number(humanizedDuration),
        "humanizePercentage": number { short($0 * 100) + "%" },
        "humanizeTimestamp": Function(1...1) { arguments, _ throws(TemplateFailure) in
            let value = try arguments[0].requireNumber()
            guard value.isFinite else { return .string(short(value)) }
            return .string(TemplateTime.string(try nanoseconds(ofTime: value)))
        },
        "toTime": Function(1...1) { arguments, _ throws(TemplateFailure) in
            .time(nanoseconds: try nanoseconds(ofTime: try arguments[0].requireNumber()))
        },
        "toDuration": Function(1...1) { arguments, _ throws(TemplateFailure) in
            let value = try arguments[0].requireNumber()
            guard value.isFinite, let whole = Int64(exactly: (value * 1e9).rounded(.towardZero)) else {
                throw TemplateFailure("\(short(value)) cannot be represented as a nanoseconds duration")
            }
            return .duration(nanoseconds: whole)
        },
        "parseDuration": Function(1...1) { arguments, _ throws(TemplateFailure) in
            let text = try arguments[0].requireString()
            let isNegative = text.hasPrefix("-")
            let bare = isNegative || text.hasPrefix("+") ? String(text.dropFirst()) : text
            guard let milliseconds = DurationText.milliseconds(bare) else {
                throw TemplateFailure("not a valid duration string: \"\(text)\"")
            }
            return .float((isNegative ? -1 : 1) * Double(milliseconds) / 1000)
        },
        "now": Function(0...0) { _, context in .float(Double(context.time) / 1000) },
    ]

    private static func number(_ body: @escaping @Sendable (Double) -> String) -> Function {
        Function(1...1) { arguments, _ throws(TemplateFailure) in .string(body(try arguments[0].requireNumber())) }
    }

    /// Four digits that matter, as `%.4g` writes them.
    private static func short(_ value: Double) -> String { NumberText.string(value, form: "g", precision: 4) }

    /// A time in seconds as nanoseconds, cut to milliseconds.
    private static func nanoseconds(ofTime seconds: Double) throws(TemplateFailure) -> Int64 {
        guard let whole = Int64(exactly: (seconds * 1e9).rounded(.towardZero)), seconds.isFinite else {
            throw TemplateFailure("\(short(seconds)) cannot be represented as a nanoseconds timestamp")
        }
        return whole / 1_000_000 * 1_000_000
    }

    private static func humanized(_ value: Double) -> String {
        guard value != 0, value.isFinite else { return short(value) }
        guard value.magnitude < 1 else { return scaledUp(value, by: 1000, ["k", "M", "G", "T", "P", "E", "Z", "Y"]) }
        return scaledDown(value)
    }

    private static func humanized1024(_ value: Double) -> String {
        guard value.magnitude > 1, value.isFinite else { return short(value) }
        return scaledUp(value, by: 1024, ["ki", "Mi", "Gi", "Ti", "Pi", "Ei", "Zi", "Yi"])
    }

    private static func scaledUp(_ value: Double, by factor: Double, _ prefixes: [String]) -> String {
        var rest = value
        var chosen = ""
        for prefix in prefixes where rest.magnitude >= factor {
            chosen = prefix
            rest /= factor
        }
        return short(rest) + chosen
    }

    private static func scaledDown(_ value: Double) -> String {
        var rest = value
        var chosen = ""
        for prefix in ["m", "u", "n", "p", "f", "a", "z", "y"] where rest.magnitude < 1 {
            chosen = prefix
            rest *= 1000
        }
        return short(rest) + chosen
    }

    private static func humanizedDuration(_ value: Double) -> String {
        guard value.isFinite else { return short(value) }
        if value == 0 { return short(value) + "s" }
        guard value.magnitude >= 1 else { return scaledDown(value) + "s" }
        let sign = value < 0 ? "-" : ""
        guard let seconds = Int64(exactly: value.magnitude.rounded(.towardZero)) else { return short(value) + "s" }
        let (days, hours, minutes) = (seconds / 86_400, seconds / 3600 % 24, seconds / 60 % 60)
        if days > 0 { return "\(sign)\(days)d \(hours)h \(minutes)m \(seconds % 60)s" }
        if hours > 0 { return "\(sign)\(hours)h \(minutes)m \(seconds % 60)s" }
        if minutes > 0 { return "\(sign)\(minutes)m \(seconds % 60)s" }
        return sign + short(value.magnitude) + "s"
    }
}
