/// The words for how much an event matters, and OTLP's numbers for them.
public enum SeverityWords {
    /// The words that a search may have, from the least to the most.
    public static let names = ["trace", "debug", "info", "notice", "warn", "error", "critical", "emergency"]

    /// The numbers that a word stands for; `nil` for an unknown word.
    ///
    /// `fatal` and `critical` are one; `notice` is the upper part of `info`, `emergency` that of `critical`.
    public static func range(of word: String) -> ClosedRange<UInt8>? {
        if let number = UInt8(word), (1...24).contains(number) { return number...number }
        return switch word.lowercased() {
        case "trace": 1...4
        case "debug": 5...8
        case "info", "information", "informational": 9...12
        case "notice": 10...12
        case "warn", "warning": 13...16
        case "error", "err": 17...20
        case "critical", "crit", "fatal", "panic": 21...24
        case "alert": 22...24
        case "emergency", "emerg": 23...24
        case "unspecified", "none": 0...0
        default: nil
        }
    }

    /// The word for a number; empty for 0.
    public static func name(of severity: UInt8) -> String {
        switch severity {
        case 1...4: "trace"
        case 5...8: "debug"
        case 9...12: "info"
        case 13...16: "warn"
        case 17...20: "error"
        case 21...24: "critical"
        default: ""
        }
    }
}
