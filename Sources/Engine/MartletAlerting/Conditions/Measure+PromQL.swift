import MartletCore

extension Measure: CustomStringConvertible {
    /// The measure as PromQL.
    public var description: String { text(inside: 0) }

    /// How strongly its parts hold together: 0 `or`, 1 comparisons, 2 `+ -`, 3 `* /`, 4 all else.
    private var precedence: Int {
        switch self {
        case .either: 0
        case .filter: 1
        case .arithmetic(_, .plus, _), .arithmetic(_, .minus, _): 2
        case .arithmetic: 3
        case .number, .latest, .over, .quantile, .fold: 4
        }
    }

    func text(inside outer: Int) -> String {
        let own = precedence
        let text =
            switch self {
            case .number(let value): FloatText.shortest(value)
            case .latest(let selector): selector.description
            case .over(let function, let selector, let window):
                "\(function.rawValue)(\(selector)[\(DurationText.string(milliseconds: window.wholeMilliseconds))])"
            case .quantile(let share, let metric, let window):
                """
                histogram_quantile(\(FloatText.shortest(share)), sum by (le) \
                (rate(\(metric)_bucket[\(DurationText.string(milliseconds: window.wholeMilliseconds))])))
                """
            case .fold(let fold, let inner): "\(fold.rawValue)(\(inner.text(inside: 0)))"
            case .arithmetic(let left, let sign, let right):
                // The right side binds closer: a - (b - c) keeps its brackets.
                "\(left.text(inside: own)) \(sign.rawValue) \(right.text(inside: own + 1))"
            case .filter(let inner, let sign, let value):
                "\(inner.text(inside: own + 1)) \(sign.rawValue) \(FloatText.shortest(value))"
            case .either(let left, let right): "\(left.text(inside: own)) or \(right.text(inside: own + 1))"
            }
        return own < outer ? "(\(text))" : text
    }
}
