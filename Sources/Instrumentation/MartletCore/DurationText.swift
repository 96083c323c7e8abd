/// Durations as Prometheus writes them: `1h30m`, `15s`, `250ms`.
public enum DurationText {
    /// The units from large to small, in milliseconds; a year has 365 days.
    private static let units: [(name: String, milliseconds: Int64)] = [
        ("y", 31_536_000_000), ("w", 604_800_000), ("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1000),
        ("ms", 1),
    ]

    /// The milliseconds of a text such as `1h30m`, or `nil` where it is none.
    ///
    /// Each unit may come once, in the order y, w, d, h, m, s, ms; `0` needs no unit. Under 2^63 nanoseconds.
    public static func milliseconds(_ text: some StringProtocol) -> Int64? {
        if text == "0" { return 0 }
        var rest = Substring(text)
        var total: Int64 = 0
        var remaining = units[...]
        guard !rest.isEmpty else { return nil }
        while !rest.isEmpty {
            let digits = rest.prefix { $0.isASCII && $0.isNumber }
            let name = rest.dropFirst(digits.count).prefix { $0.isASCII && $0.isLetter }
            guard let count = Int64(digits), let index = remaining.firstIndex(where: { $0.name == name }) else {
                return nil
            }
            let (product, overflow) = count.multipliedReportingOverflow(by: remaining[index].milliseconds)
            let (sum, sumOverflow) = total.addingReportingOverflow(product)
            guard !overflow, !sumOverflow, sum <= .max / 1_000_000 else { return nil }
            total = sum
            remaining = remaining[(index + 1)...]
            rest = rest.dropFirst(digits.count + name.count)
        }
        return total
    }

    /// The text of a number of milliseconds: `1h30m`; `0s` for none.
    ///
    /// Years and weeks are only used where nothing is left below them, as Prometheus does.
    public static func string(milliseconds: Int64) -> String {
        if milliseconds == 0 { return "0s" }
        var rest = abs(milliseconds)
        var text = milliseconds < 0 ? "-" : ""
        for (name, size) in units {
            let isExactOnly = name == "y" || name == "w"
            if isExactOnly, rest % size != 0 { continue }
            if rest / size > 0 { text += "\(rest / size)\(name)" }
            rest %= size
        }
        return text
    }
}
