import MartletCore
import MartletSeries

/// Writes random queries and random data, the same for the same seed.
struct ExpressionGenerator {
    private var state: UInt64

    init(seed: UInt64) {
        state = seed
    }

    mutating func next(_ bound: Int) -> Int {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        mixed ^= mixed >> 31
        return Int(mixed % UInt64(bound))
    }

    mutating func pick<Element>(_ elements: [Element]) -> Element { elements[next(elements.count)] }

    /// Series with jitter, gaps, resets, stale markers and values that are no numbers.
    mutating func series() -> [Series] {
        var result: [Series] = []
        for name in ["m", "n_total"] {
            for a in ["x", "y", "z"] {
                for b in ["1", "2"] where next(8) > 0 {
                    var series = Series(labels: ["__name__": name, "a": a, "b": b])
                    var value = Double(next(1000)) / 8
                    var time = Int64(next(30_000))
                    while time < 1_800_000 {
                        let kind = next(40)
                        value = kind == 0 ? 0 : value + Double(next(4096)) / 64
                        if name == "m", next(3) == 0 { value -= Double(next(8192)) / 64 }
                        let special: Double = kind == 2 ? .nan : kind == 3 ? .infinity : value
                        series.timestamps.append(time)
                        series.values.append(kind == 1 ? StaleMarker.value : name == "m" ? special : value)
                        time += Int64(next(12) == 0 ? 400_000 : 20_000 + next(20_000))
                    }
                    result.append(series)
                }
            }
        }
        return result.sorted { $0.labels < $1.labels }
    }

    mutating func vector(_ depth: Int) -> String {
        switch depth <= 0 ? next(2) : next(11) {
        case 0, 1: return selector() + modifiers()
        case 2: return "\(pick(Self.rangeFunctions))(\(range(depth)))"
        case 3: return "\(pick(["abs", "ceil", "sgn"]))(\(vector(depth - 1)))"
        case 4:
            return
                "\(pick(["sum", "avg", "min", "max", "count", "group", "stdvar"]))\(grouping())(\(vector(depth - 1)))"
        case 5: return "quantile\(grouping())(0.\(next(10)), \(vector(depth - 1)))"
        case 6: return "topk\(grouping())(\(next(4)), m\(modifiers()))"
        case 7: return "(\(vector(depth - 1))) \(pick(Self.arithmetic)) \(scalar(depth - 1))"
        case 8: return "\(scalar(depth - 1)) \(pick(Self.comparisons)) (\(vector(depth - 1)))"
        case 9:
            let operation = pick(Self.arithmetic + Self.comparisons + ["and", "or", "unless"])
            var matching = pick(["", " on (a, b)", " on (a)", " ignoring (b)", " ignoring (a)"])
            if !["and", "or", "unless"].contains(operation), !matching.isEmpty, next(2) == 0 {
                matching += pick([" group_left ()", " group_left (b)"])
                if matching.contains("on (a, b) group_left (b)") { matching = " on (a, b)" }
                if matching.contains("ignoring (b) group_left (b)") { matching = " ignoring (b) group_left ()" }
            }
            return "(\(vector(depth - 1))) \(operation)\(matching) (\(vector(depth - 1)))"
        default:
            return pick([
                "-(\(vector(depth - 1)))", "clamp_max(\(vector(depth - 1)), \(next(100)))",
                "absent(\(vector(depth - 1)) > 60)",
            ])
        }
    }

    private static let arithmetic = ["+", "-", "*", "/", "%"]
    private static let comparisons = ["==", "!=", "<", ">=", "> bool", "<= bool"]
    private static let rangeFunctions = [
        "rate", "increase", "delta", "sum_over_time", "avg_over_time", "min_over_time", "max_over_time",
        "count_over_time", "last_over_time", "changes", "resets", "stdvar_over_time",
    ]

    private mutating func selector() -> String {
        pick(["m", "n_total", "m{a=\"x\"}", "m{b!=\"1\"}", "n_total{a=~\"x|z\"}", "{a=\"y\"}", "m{a!~\"x.*\",b=\"2\"}"])
    }

    private mutating func modifiers() -> String {
        pick(["", "", "", "", " offset 45s", " offset -2m", " @ 700", " @ end()", " @ start() offset 1m"])
    }

    private mutating func range(_ depth: Int) -> String {
        if depth > 1, next(3) == 0 {
            return "(\(vector(depth - 2)))[\(pick(["3m", "5m"])):\(pick(["", "30s", "70s"]))]\(modifiers())"
        }
        return "\(selector())[\(pick(["40s", "2m", "5m", "10m"]))]\(modifiers())"
    }

    private mutating func grouping() -> String {
        pick(["", " by (a)", " by (a, b)", " by (__name__, b)", " without (a)", " without (b)", " by (missing)"])
    }

    private mutating func scalar(_ depth: Int) -> String {
        switch next(4) {
        case 0: return "time()"
        case 1: return "scalar(\(selector()))"
        default: return "\(next(50))"
        }
    }
}
