import MartletCore
import MartletSeries

/// One element's value: a number or a native histogram.
enum Operand {
    case number(Double)
    case histogram(NativeHistogram)

    /// What a column has at a step.
    init?(_ column: Column, _ step: Int) {
        if let histogram = column.histogram(step) {
            self = .histogram(histogram)
        } else if !Column.isAbsent(column.values[step]) {
            self = .number(column.values[step])
        } else {
            return nil
        }
    }

    fileprivate var kind: String {
        switch self {
        case .number: "float"
        case .histogram: "histogram"
        }
    }
}

extension Column {
    mutating func set(_ value: Operand, at step: Int) {
        switch value {
        case .number(let number): values[step] = number
        case .histogram(let histogram): set(histogram, at: step)
        }
    }
}

extension Evaluator {
    /// The value of two operands of which one is a histogram; nil where the element is left out.
    func combine(_ left: Operand, _ right: Operand, _ node: BinaryOperation) -> Operand? {
        switch (left, right, node.operation) {
        case (.histogram(let one), .histogram(let other), .add): return added(one, other, node)
        case (.histogram(let one), .histogram(let other), .subtract): return subtracted(one, other, node)
        case (.histogram(let one), .histogram(let other), .equal): return chosen(one, one.equals(other), node)
        case (.histogram(let one), .histogram(let other), .notEqual): return chosen(one, !one.equals(other), node)
        case (.histogram(let histogram), .number(let number), .multiply),
            (.number(let number), .histogram(let histogram), .multiply):
            return .histogram(histogram.multiplied(by: number))
        case (.histogram(let histogram), .number(let number), .divide):
            return .histogram(histogram.divided(by: number))
        case (.histogram(let histogram), .number(let number), .trimAbove):
            return .histogram(histogram.trimmed(at: number, above: true))
        case (.histogram(let histogram), .number(let number), .trimBelow):
            return .histogram(histogram.trimmed(at: number, above: false))
        default:
            annotations.addIncompatibleTypes(left.kind, node.operation, right.kind, at: node.sourceRange)
            return nil
        }
    }

    /// Says, where a trim operator meets numbers, that it does not apply to them.
    func noteTrimOfNumbers(_ column: Column, _ node: BinaryOperation) {
        if column.values.contains(where: { !Column.isAbsent($0) }) {
            annotations.addIncompatibleTypes("float", node.operation, "float", at: node.sourceRange)
        }
    }

    private func chosen(_ histogram: NativeHistogram, _ isChosen: Bool, _ node: BinaryOperation) -> Operand? {
        if node.returnsBool { return .number(isChosen ? 1 : 0) }
        return isChosen ? .histogram(histogram) : nil
    }

    private func added(_ left: NativeHistogram, _ right: NativeHistogram, _ node: BinaryOperation) -> Operand? {
        var sum = WorkingHistogram(left)
        do throws(WorkingHistogram.Incompatible) {
            note(try sum.add(right), .addition, at: node.sourceRange)
            return .histogram(sum.finished())
        } catch {
            annotations.addIncompatibleLayout(node.operation, at: node.sourceRange)
            return nil
        }
    }

    private func subtracted(_ left: NativeHistogram, _ right: NativeHistogram, _ node: BinaryOperation) -> Operand? {
        var difference = WorkingHistogram(left)
        do throws(WorkingHistogram.Incompatible) {
            note(try difference.add(right, times: -1), .subtraction, at: node.sourceRange)
            difference.resetHint = .gauge
            return .histogram(difference.finished())
        } catch {
            annotations.addIncompatibleLayout(node.operation, at: node.sourceRange)
            return nil
        }
    }

    /// What histograms were combined for.
    enum Combination: String {
        case addition, subtraction, aggregation
    }

    /// Passes on what combining histograms found out of the ordinary.
    func note(_ notes: WorkingHistogram.Notes, _ combination: Combination, at range: SourceRange) {
        if notes.hintsCollide {
            annotations.add(
                .warning,
                "conflicting counter resets during histogram \(combination.rawValue)",
                at: range
            )
        }
        if notes.boundsReconciled {
            let message = "mismatched custom buckets were reconciled during \(combination.rawValue)"
            annotations.add(.info, message, at: range)
        }
    }
}
