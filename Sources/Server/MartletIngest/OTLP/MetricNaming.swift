/// Metric names as Prometheus wants them: base unit and `_total` behind the name.
///
/// - SeeAlso: [OpenTelemetry, Prometheus compatibility](https://github.com/open-telemetry/opentelemetry-specification/blob/v1.48.0/specification/compatibility/prometheus_and_openmetrics.md)
struct MetricNaming {
    /// What a metric is, as far as its name goes.
    enum Kind {
        case counter
        case gauge
        case other
    }

    let strategy: TranslationStrategy

    private static let units = [
        "d": "days", "h": "hours", "min": "minutes", "s": "seconds", "ms": "milliseconds", "us": "microseconds",
        "ns": "nanoseconds",
        "By": "bytes", "KiBy": "kibibytes", "MiBy": "mebibytes", "GiBy": "gibibytes", "TiBy": "tibibytes",
        "KBy": "kilobytes", "kBy": "kilobytes", "MBy": "megabytes", "GBy": "gigabytes", "TBy": "terabytes",
        "m": "meters", "V": "volts", "A": "amperes", "J": "joules", "W": "watts", "g": "grams",
        "Cel": "celsius", "Hz": "hertz", "1": "", "%": "percent",
    ]

    private static let perUnits = [
        "s": "second", "m": "minute", "h": "hour", "d": "day", "w": "week", "mo": "month", "y": "year",
    ]

    /// The name of a metric with a unit.
    func name(of name: String, unit: String, kind: Kind) -> String {
        switch (strategy.escapes, strategy.addsSuffixes) {
        case (true, true): escapedWithSuffixes(name, unit, kind)
        case (true, false): Self.startingRight(Self.tokens(name, keepsUnderscores: true).joined(separator: "_"))
        case (false, true): withSuffixes(name, unit, kind)
        case (false, false): name
        }
    }

    /// The unit in words, such as `seconds` or `bytes_per_second`; empty where it says nothing.
    static func unitText(_ unit: String) -> String {
        let (main, per) = suffixes(unit)
        return [main, per.isEmpty ? "" : "per_" + per].filter { !$0.isEmpty }.joined(separator: "_")
    }

    private func escapedWithSuffixes(_ name: String, _ unit: String, _ kind: Kind) -> String {
        var tokens = Self.tokens(name)
        let (main, per) = Self.suffixes(unit)
        if !main.isEmpty, !tokens.contains(main) { tokens.append(main) }
        if !per.isEmpty, !tokens.contains("per_" + per) { tokens += ["per", per] }
        if kind == .counter { tokens = tokens.filter { $0 != "total" } + ["total"] }
        if kind == .gauge, unit == "1" { tokens = tokens.filter { $0 != "ratio" } + ["ratio"] }
        return Self.startingRight(tokens.joined(separator: "_"))
    }

    private func withSuffixes(_ name: String, _ unit: String, _ kind: Kind) -> String {
        let (main, per) = Self.suffixes(unit)
        var suffixes = [main, per.isEmpty ? "" : "per_" + per].filter { !$0.isEmpty }
        if kind == .gauge, unit == "1" { suffixes.append("ratio") }
        if kind == .counter { suffixes.append("total") }
        // What the name ends with already is taken off first, so that nothing stands there twice.
        var stem = Substring(name)
        for suffix in suffixes.reversed() where stem.count > suffix.count && stem.hasSuffix(suffix) {
            let rest = stem.dropLast(suffix.count)
            guard let last = rest.last, last == "_" || last == "." else { continue }
            stem = rest.dropLast()
        }
        return ([String(stem)] + suffixes).joined(separator: "_")
    }

    /// The unit and the unit it is divided by, in words; empty where they are unknown annotations in braces.
    private static func suffixes(_ unit: String) -> (main: String, per: String) {
        let parts = unit.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        func word(_ part: Substring?, _ names: [String: String]) -> String {
            let text = String((part ?? "").filter { $0 != " " })
            guard !text.isEmpty, !text.contains("{"), !text.contains("}") else { return "" }
            return tokens(names[text] ?? text).joined(separator: "_")
        }
        return (word(parts.first, units), word(parts.count > 1 ? parts[1] : nil, perUnits))
    }

    /// The runs of characters that a name may have.
    private static func tokens(_ name: String, keepsUnderscores: Bool = false) -> [String] {
        name.unicodeScalars.split { scalar in
            switch scalar {
            case "a"..."z", "A"..."Z", "0"..."9", ":": false
            case "_": !keepsUnderscores
            default: true
            }
        }.map { String(String.UnicodeScalarView($0)) }
    }

    private static func startingRight(_ name: String) -> String {
        guard let first = name.utf8.first, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(first) else { return name }
        return "_" + name
    }
}
