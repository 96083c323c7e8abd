public import MartletCore

/// The naming conventions of Prometheus, as its own checker judges them.
///
/// - SeeAlso: [Metric and label naming](https://prometheus.io/docs/practices/naming/)
public enum NamingConventions {
    /// What a family breaches, one sentence each.
    ///
    /// - Parameters:
    ///   - name: The family's name as the text format writes it, a counter's with `_total`.
    ///   - type: Its type as the text format has it: info and state set count as gauges.
    ///   - help: What it means; `nil` or empty where nothing is said.
    ///   - labels: The names of the labels of its samples.
    /// - Returns: The breaches; none for a family that follows all conventions.
    public static func breaches(
        name: String,
        type: MetricType,
        help: String?,
        labels: some Sequence<String>
    ) -> [String] {
        var breaches: [String] = []
        if (help ?? "").isEmpty { breaches.append("\(name) has no # HELP; say what it means") }
        breaches += unitBreaches(name)
        breaches += suffixBreaches(name, type, Set(labels))
        for word in ["counter", "gauge", "summary", "histogram", "gauge_histogram"] where hasPart(name, word) {
            breaches.append("\(name) should not have its type, \(word), in its name")
        }
        if name.contains(":") { breaches.append("\(name) has a colon, which is for recording rules") }
        if hasCamelCase(name) { breaches.append("\(name) should be written in snake_case") }
        for label in Set(labels).sorted() where hasCamelCase(label) {
            breaches.append("the label \(label) of \(name) should be written in snake_case")
        }
        let lowered = name.lowercased()
        for unit in abbreviations where hasPart(lowered, unit) {
            breaches.append("\(name) has an abbreviated unit, \(unit); write it out")
        }
        return breaches
    }

    // MARK: Units

    /// Each unit with the one to use in its place.
    private static let units: [String: String] = [
        "amperes": "amperes", "bytes": "bytes", "celsius": "celsius", "grams": "grams", "joules": "joules",
        "kelvin": "kelvin", "kelvins": "kelvin", "meters": "meters", "metres": "meters", "seconds": "seconds",
        "volts": "volts", "minutes": "seconds", "hours": "seconds", "days": "seconds", "weeks": "seconds",
        "fahrenheit": "celsius", "rankine": "celsius", "inches": "meters", "yards": "meters", "miles": "meters",
        "bits": "bytes", "calories": "joules", "pounds": "grams", "ounces": "grams",
    ]

    private static let prefixes = [
        "pico", "nano", "micro", "milli", "centi", "deci", "deca", "hecto", "kilo", "kibi", "mega", "mibi", "mebi",
        "giga", "gibi", "tera", "tebi", "peta", "pebi",
    ]

    private static let abbreviations = [
        "s", "ms", "us", "ns", "sec", "b", "kb", "mb", "gb", "tb", "pb", "m", "h", "d",
    ]

    private static func unitBreaches(_ name: String) -> [String] {
        name.split(separator: "_").map(String.init).compactMap { part in
            guard let base = base(of: part), part != base else { return nil }
            return "\(name) is in \(part); use the base unit, \(base)"
        }
    }

    /// The unit to use in place of a word; `nil` where it is none.
    private static func base(of word: String) -> String? {
        if let base = units[word] { return base }
        for prefix in prefixes where word.hasPrefix(prefix) {
            if let base = units[String(word.dropFirst(prefix.count))] { return base }
        }
        return nil
    }

    // MARK: Suffixes

    private static func suffixBreaches(_ name: String, _ type: MetricType, _ labels: Set<String>) -> [String] {
        var breaches: [String] = []
        if type == .counter, !name.hasSuffix("_total") {
            breaches.append("the counter \(name) should end with _total")
        }
        guard type != .unknown else { return breaches }
        if type != .counter, name.hasSuffix("_total") {
            breaches.append("\(name) ends with _total, which only counters should")
        }
        let isHistogram = type == .histogram || type == .gaugeHistogram
        if !isHistogram {
            if name.hasSuffix("_bucket") { breaches.append("\(name) ends with _bucket, but is no histogram") }
            if labels.contains("le") { breaches.append("\(name) has the label le, but is no histogram") }
        }
        if !isHistogram, type != .summary {
            for suffix in ["_count", "_sum"] where name.hasSuffix(suffix) {
                breaches.append("\(name) ends with \(suffix), but is neither histogram nor summary")
            }
        }
        if type != .summary, labels.contains("quantile") {
            breaches.append("\(name) has the label quantile, but is no summary")
        }
        return breaches
    }

    // MARK: Words

    /// Whether a word stands in a name behind an underscore, up to the next or the end.
    private static func hasPart(_ name: String, _ word: String) -> Bool {
        name.contains("_\(word)_") || name.hasSuffix("_" + word)
    }

    private static func hasCamelCase(_ name: String) -> Bool {
        var isAfterLower = false
        for byte in name.utf8 {
            if isAfterLower, (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) { return true }
            isAfterLower = (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
        }
        return false
    }
}
