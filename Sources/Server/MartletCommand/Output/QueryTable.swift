import MartletCore

/// The result of a query as rows.
enum QueryTable {
    typealias Rows = (header: [String], rows: [[String]])

    /// One row a sample.
    static func rows(_ data: Answer) -> Rows {
        switch data["resultType"].text {
        case "vector":
            let rows = data["result"].elements.map { element in
                [series(element), value(element["value"].elements.last ?? element["histogram"].elements.last)]
            }
            return (["series", "value"], rows)
        case "matrix":
            let rows = data["result"].elements.flatMap { element in
                (element["values"].elements + element["histograms"].elements).map {
                    [series(element), time($0.elements.first), value($0.elements.last)]
                }
            }
            return (["series", "time", "value"], rows)
        default:
            let pair = data["result"].elements
            return (["time", "value"], [[time(pair.first), value(pair.last)]])
        }
    }

    /// One row a series: its shape, its last value and its extremes.
    static func glance(_ data: Answer) -> Rows {
        let all = data["result"].elements
        let times = all.flatMap { $0["values"].elements.map { $0.elements.first?.number ?? 0 } }
        let (first, last) = (times.min() ?? 0, times.max() ?? 0)
        let rows = all.map { element in
            let samples = element["values"].elements.map {
                ($0.elements.first?.number ?? 0, Double($0.elements.last?.text ?? "") ?? .nan)
            }
            let numbers = samples.map(\.1).filter { !$0.isNaN }
            return [
                series(element), Sparkline.text(spread(samples, from: first, through: last)),
                samples.last.map { short($0.1) } ?? value(element["histograms"].elements.last?.elements.last),
                numbers.min().map(short) ?? "", numbers.max().map(short) ?? "",
            ]
        }
        return (["series", "shape", "last", "min", "max"], rows)
    }

    /// The samples on an even grid, so that gaps show.
    private static func spread(_ samples: [(Double, Double)], from first: Double, through last: Double) -> [Double?] {
        let steps = zip(samples.dropFirst(), samples).map { $0.0 - $1.0 }
        guard let step = steps.min(), step > 0 else { return samples.map { $0.1 } }
        var grid = [Double?](repeating: nil, count: min(11_001, Int((last - first) / step) + 1))
        for (time, value) in samples {
            let place = Int(((time - first) / step).rounded())
            if grid.indices.contains(place) { grid[place] = value }
        }
        return grid
    }

    private static func series(_ element: Answer) -> String {
        LabelSet(element["metric"].members.map { Label($0.key, $0.value.text) }).description
    }

    private static func value(_ value: Answer?) -> String {
        guard let value, !value.members.isEmpty else { return value?.text ?? "" }
        let buckets = value["buckets"].elements.map { bucket in
            let parts = bucket.elements.dropFirst().map(\.text)
            let bounds: (open: String, close: String) =
                switch bucket.elements.first?.number {
                case 0: ("(", "]")
                case 1: ("[", ")")
                case 2: ("(", ")")
                default: ("[", "]")
                }
            return parts.count == 3 ? "\(bounds.open)\(parts[0]),\(parts[1])\(bounds.close):\(parts[2])" : ""
        }
        return (["count:\(value["count"].text)", "sum:\(value["sum"].text)"] + buckets).joined(separator: " ")
    }

    /// At most six digits, for people.
    private static func short(_ number: Double) -> String {
        guard number.isFinite, number != 0 else { return FloatText.shortest(number) }
        var scale = 1.0
        while abs(number) * scale < 100_000, scale < 1e12 { scale *= 10 }
        return FloatText.shortest((number * scale).rounded() / scale)
    }

    private static func time(_ value: Answer?) -> String {
        RFC3339.string(nanosecondsSinceEpoch: Int64((value?.number ?? 0) * 1000) * 1_000_000)
    }
}
