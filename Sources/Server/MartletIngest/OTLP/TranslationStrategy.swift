/// How names of OpenTelemetry become names of Prometheus; the words are Prometheus' own.
public enum TranslationStrategy: String, Hashable, Sendable, CaseIterable {
    /// Letters, digits and underscores only; unit and `_total` behind the name. The default.
    case underscoreEscapingWithSuffixes = "UnderscoreEscapingWithSuffixes"
    /// Letters, digits and underscores only, nothing added.
    case underscoreEscapingWithoutSuffixes = "UnderscoreEscapingWithoutSuffixes"
    /// Names as they are, with unit and `_total` behind them.
    case noUTF8EscapingWithSuffixes = "NoUTF8EscapingWithSuffixes"
    /// Names as they are.
    case noTranslation = "NoTranslation"

    /// Whether other characters than letters, digits and underscores are replaced.
    var escapes: Bool { self == .underscoreEscapingWithSuffixes || self == .underscoreEscapingWithoutSuffixes }

    /// Whether unit and `_total` are added.
    var addsSuffixes: Bool { self == .underscoreEscapingWithSuffixes || self == .noUTF8EscapingWithSuffixes }
}
