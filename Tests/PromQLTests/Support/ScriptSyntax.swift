import MartletCore
import MartletSeries

/// One command of a test script.
enum ScriptCommand {
    case clear
    /// The reason says what else the command loads that is not stored.
    case load(step: Int64, series: [ScriptSeries], gap: String?)
    case evaluate(ScriptEvaluation)
}

/// A series and its values at successive steps; a step without a value is nil.
struct ScriptSeries {
    var labels: LabelSet
    var values: [ScriptValue]
}

enum ScriptValue: Equatable {
    case missing
    case number(Double)
    case stale
    case histogram
}

/// An evaluation and what is expected of it.
struct ScriptEvaluation {
    enum Message {
        case any
        case text(String)
        case pattern(String)
    }

    enum Expectation {
        case fail(Message), warn(Message), info(Message)
        case noWarn, noInfo, ordered
        case string(String)
        case rangeVector(start: Int64, step: Int64)
    }

    var line: Int
    var query: String
    var start: Int64
    var end: Int64
    var step: Int64?
    var expectations: [Expectation] = []
    var scalar: Double?
    var series: [ScriptSeries] = []
}

struct ScriptError: Error, CustomStringConvertible {
    var line: Int
    var message: String
    var description: String { "line \(line): \(message)" }
}
