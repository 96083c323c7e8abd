import MartletMetrics

/// Writes families of one format, series by series, so that a stream can be handed on whenever it is long enough.
protocol FamilyWriting: Sendable {
    /// What was written and not yet handed on.
    var bytes: [UInt8] { get set }

    /// Begins the exposition.
    mutating func start()

    /// Begins a family; false where the format can't have it beside those before.
    mutating func open(_ family: MetricFamily) -> Bool

    /// Writes one series of the family.
    mutating func write(_ series: MetricSeries, of family: MetricFamily)

    /// Ends the family.
    mutating func close(_ family: MetricFamily)

    /// Ends the exposition.
    mutating func end()
}

extension FamilyWriting {
    mutating func start() {}

    mutating func close(_ family: MetricFamily) {}

    mutating func end() {}

    /// Writes on from where the cursor stands until `chunkBytes` have come together or all is written.
    mutating func fill(_ families: [MetricFamily], from cursor: inout FamilyCursor, chunkBytes: Int) {
        if !cursor.hasStarted {
            cursor.hasStarted = true
            start()
        }
        while cursor.family < families.count {
            let family = families[cursor.family]
            if cursor.series == nil, !open(family) {
                cursor.family += 1
                continue
            }
            var place = cursor.series ?? 0
            while place < family.series.count {
                write(family.series[place], of: family)
                place += 1
                guard bytes.count < chunkBytes else {
                    cursor.series = place
                    return
                }
            }
            close(family)
            cursor.family += 1
            cursor.series = nil
            if bytes.count >= chunkBytes { return }
        }
        if !cursor.hasEnded {
            cursor.hasEnded = true
            end()
        }
    }
}

/// How far an exposition is written.
struct FamilyCursor {
    var family = 0
    /// The next series of the family; `nil` before it is opened.
    var series: Int?
    var hasStarted = false
    var hasEnded = false
}
