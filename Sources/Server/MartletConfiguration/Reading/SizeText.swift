/// Numbers of bytes as configuration writes them: `64MiB`, `1GB`, `512`.
///
/// As in Prometheus, `KB` and `KiB` both mean 1024 bytes, and so on up to `EB`.
public enum SizeText {
    private static let units: [(name: String, shift: Int)] = [
        ("EiB", 60), ("PiB", 50), ("TiB", 40), ("GiB", 30), ("MiB", 20), ("KiB", 10),
        ("EB", 60), ("PB", 50), ("TB", 40), ("GB", 30), ("MB", 20), ("KB", 10), ("B", 0),
    ]

    /// The bytes of a text, or `nil` where it is none or more than 63 bits hold.
    public static func bytes(_ text: String) -> Int? {
        let digits = text.prefix { $0.isASCII && $0.isNumber }
        let unit = text.dropFirst(digits.count).drop { $0 == " " }.lowercased()
        guard let count = Int(digits) else { return nil }
        if unit.isEmpty { return count }
        guard let shift = units.first(where: { $0.name.lowercased() == unit })?.shift else { return nil }
        let (product, overflow) = count.multipliedReportingOverflow(by: 1 << shift)
        return overflow ? nil : product
    }

    /// The text of a number of bytes, in the largest unit that divides it: `64MiB`; `0` for none.
    public static func string(bytes: Int) -> String {
        guard bytes > 0 else { return "0" }
        for (name, shift) in units where name.hasSuffix("iB") && bytes % (1 << shift) == 0 {
            return "\(bytes >> shift)\(name)"
        }
        return "\(bytes)B"
    }
}
