import MartletCore

/// How metric and label names are written that hold more than letters, digits, `_` and (for metrics) `:`.
///
/// - SeeAlso: [Escaping schemes](https://prometheus.io/docs/instrumenting/escaping_schemes/)
public enum NameEscaping: String, CaseIterable, Sendable {
    /// As they are, in quotes.
    case allowUTF8 = "allow-utf-8"
    /// Each other character becomes `_`.
    case underscores
    /// `.` becomes `_dot_`, `_` becomes `__`, each other character `__`.
    case dots
    /// `U__`, then each other character as its code point in hexadecimal between underscores, `_` as `__`.
    case values

    /// A metric name as this scheme writes it.
    public func metricName(_ name: String) -> String {
        escaped(name, isLegacy: LabelSyntax.isLegacyMetricName(name), colonAllowed: true)
    }

    /// A label name as this scheme writes it.
    public func labelName(_ name: String) -> String {
        escaped(name, isLegacy: LabelSyntax.isLegacyLabelName(name), colonAllowed: false)
    }

    private func escaped(_ name: String, isLegacy: Bool, colonAllowed: Bool) -> String {
        if self == .allowUTF8 || name.isEmpty { return name }
        if isLegacy, self != .dots { return name }
        var result = self == .values ? "U__" : ""
        for (index, scalar) in name.unicodeScalars.enumerated() {
            let isPlain = NameEscaping.isPlain(scalar, isFirst: index == 0, colonAllowed: colonAllowed)
            switch (self, scalar) {
            case (.dots, "_"), (.values, "_"): result += "__"
            case (.dots, "."): result += "_dot_"
            case _ where isPlain: result.unicodeScalars.append(scalar)
            case (.dots, _): result += "__"
            case (.values, _): result += "_" + String(scalar.value, radix: 16, uppercase: true) + "_"
            default: result += "_"
            }
        }
        return result
    }

    private static func isPlain(_ scalar: Unicode.Scalar, isFirst: Bool, colonAllowed: Bool) -> Bool {
        switch scalar {
        case "a"..."z", "A"..."Z", "_": true
        case "0"..."9": !isFirst
        case ":": colonAllowed
        default: false
        }
    }
}
