package import MartletCore
package import MartletSeries

/// One command of a test script.
package enum ScriptCommand {
    case clear
    case load(step: Int64, series: [ScriptSeries])
    case evaluate(ScriptEvaluation)
}

/// A series and its values at successive steps.
package struct ScriptSeries {
    package var labels: LabelSet
    package var values: [ScriptValue]
    /// How far before each sample its counter started, in milliseconds; empty where nothing is said of it.
    package var startOffsets: [Int64?] = []
}

package enum ScriptValue: Equatable {
    case missing
    case number(Double)
    case stale
    case histogram(NativeHistogram)
}

/// An evaluation and what is expected of it.
package struct ScriptEvaluation {
    package enum Message {
        case any
        case text(String)
        case pattern(String)
    }

    package enum Expectation {
        case fail(Message), warn(Message), info(Message)
        case noWarn, noInfo, ordered
        case string(String)
        case rangeVector(start: Int64, step: Int64)
    }

    package var line: Int
    package var query: String
    package var start: Int64
    package var end: Int64
    package var step: Int64?
    package var expectations: [Expectation] = []
    package var scalar: Double?
    package var series: [ScriptSeries] = []
}

package struct ScriptError: Error, CustomStringConvertible {
    package var line: Int
    package var message: String
    package var description: String { "line \(line): \(message)" }
}
