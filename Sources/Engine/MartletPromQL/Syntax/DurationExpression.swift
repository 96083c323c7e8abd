/// A stretch of time in a selector: a plain number, or arithmetic that is worked out when the query runs.
public indirect enum DurationExpression: Hashable, Sendable {
    /// Seconds, written as a number or as a duration.
    case seconds(Double, isDuration: Bool)
    /// The query's step.
    case step
    /// The time from the query's start to its end.
    case range
    /// A sign turned round.
    case negated(DurationExpression)
    /// A plus sign that changes nothing.
    case positive(DurationExpression)
    /// Two operands and an arithmetic operator.
    case binary(BinaryOperator, DurationExpression, DurationExpression)
    /// The lesser of two.
    case lesser(DurationExpression, DurationExpression)
    /// The greater of two.
    case greater(DurationExpression, DurationExpression)
    /// A stretch in parentheses.
    case parenthesized(DurationExpression)

    /// The seconds, given the query's step and range in seconds.
    func seconds(step: Double, range: Double) -> Double {
        switch self {
        case .seconds(let value, _): value
        case .step: step
        case .range: range
        case .negated(let inner): -inner.seconds(step: step, range: range)
        case .positive(let inner), .parenthesized(let inner): inner.seconds(step: step, range: range)
        case .binary(let operation, let left, let right):
            operation.apply(left.seconds(step: step, range: range), right.seconds(step: step, range: range))
        case .lesser(let left, let right):
            min(left.seconds(step: step, range: range), right.seconds(step: step, range: range))
        case .greater(let left, let right):
            max(left.seconds(step: step, range: range), right.seconds(step: step, range: range))
        }
    }

    /// Whether this is a number that needs no working out.
    var isLiteral: Bool {
        if case .seconds = self { true } else { false }
    }
}
