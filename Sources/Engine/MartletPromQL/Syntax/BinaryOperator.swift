/// What stands between two operands.
public enum BinaryOperator: String, Sendable, CaseIterable {
    /// Adds.
    case add = "+"
    /// Subtracts.
    case subtract = "-"
    /// Multiplies.
    case multiply = "*"
    /// Divides.
    case divide = "/"
    /// The remainder of the division, with the sign of the left operand.
    case modulo = "%"
    /// Raises to a power.
    case power = "^"
    /// The angle of a point, in radians.
    case atan2
    /// Whether both are equal.
    case equal = "=="
    /// Whether both differ.
    case notEqual = "!="
    /// Whether the left one is less.
    case less = "<"
    /// Whether the left one is less or equal.
    case lessOrEqual = "<="
    /// Whether the left one is greater.
    case greater = ">"
    /// Whether the left one is greater or equal.
    case greaterOrEqual = ">="
    /// The left histograms without the observations above the right number.
    case trimAbove = "</"
    /// The left histograms without the observations below the right number.
    case trimBelow = ">/"
    /// The left elements that have a match on the right.
    case and
    /// All left elements, and the right ones without a match on the left.
    case or
    /// The left elements without a match on the right.
    case unless

    /// Whether the operator compares.
    public var isComparison: Bool {
        switch self {
        case .equal, .notEqual, .less, .lessOrEqual, .greater, .greaterOrEqual: true
        default: false
        }
    }

    /// Whether the operator cuts off a part of native histograms.
    public var isTrim: Bool { self == .trimAbove || self == .trimBelow }

    /// Whether the operator combines sets of series rather than values.
    public var isSetOperator: Bool { self == .and || self == .or || self == .unless }

    /// How tightly the operator binds; a higher number binds tighter.
    var precedence: Int {
        switch self {
        case .or: 1
        case .and, .unless: 2
        case .equal, .notEqual, .less, .lessOrEqual, .greater, .greaterOrEqual, .trimAbove, .trimBelow: 3
        case .add, .subtract: 4
        case .multiply, .divide, .modulo, .atan2: 5
        case .power: 6
        }
    }

    /// The result for two numbers; a comparison gives 1 or 0.
    ///
    /// - Precondition: The operator is no set operator.
    func apply(_ left: Double, _ right: Double) -> Double {
        switch self {
        case .add: left + right
        case .subtract: left - right
        case .multiply: left * right
        case .divide: left / right
        case .modulo: left.truncatingRemainder(dividingBy: right)
        case .power: Mathematics.power(left, right)
        case .atan2: Mathematics.atan2(left, right)
        case .equal: left == right ? 1 : 0
        case .notEqual: left != right ? 1 : 0
        case .less: left < right ? 1 : 0
        case .lessOrEqual: left <= right ? 1 : 0
        case .greater: left > right ? 1 : 0
        case .greaterOrEqual: left >= right ? 1 : 0
        case .trimAbove, .trimBelow: .nan
        case .and, .or, .unless: preconditionFailure("set operators have no value for two numbers")
        }
    }

    /// Combines every value with the scalar of its step; of a comparison that filters the chosen values stay.
    func combine(_ values: inout [Double], _ scalars: [Double], filters: Bool, isSwapped: Bool) {
        for step in scalars.indices {
            let value = values[step]
            if Column.isAbsent(value) { continue }
            let combined = isSwapped ? apply(scalars[step], value) : apply(value, scalars[step])
            if !filters {
                values[step] = combined
            } else if combined == 0 {
                values[step] = Column.absent
            }
        }
    }
}
