import MartletCore
import MartletFiles
import MartletSeries

/// The labels of one series as the symbols of a source.
struct SymbolLabels {
    var metric: UInt32 = 0
    var names: [UInt32] = []
    var values: [UInt32] = []

    /// Looks label bytes up; `nil` where a text is not known, and so the series cannot be.
    init?(_ labels: Span<UInt8>, _ number: (Span<UInt8>) -> UInt32?) {
        let metricName = Array(Label.metricName.utf8)
        let isKnown = LabelBytes.forEach(labels) { name, value in
            guard let symbol = number(labels.extracting(value)) else { return false }
            let isMetric =
                name.count == metricName.count
                && metricName.indices.allSatisfy { labels[name.lowerBound + $0] == metricName[$0] }
            if isMetric {
                metric = symbol
                return true
            }
            guard let name = number(labels.extracting(name)) else { return false }
            names.append(name)
            values.append(symbol)
            return true
        }
        guard isKnown else { return nil }
    }
}

extension LabelTable {
    /// What the owner calls the series of some canonical label bytes.
    ///
    /// - Complexity: O(*n*) in the series of its family.
    func find(_ labels: Span<UInt8>) -> UInt32? {
        guard let wanted = SymbolLabels(labels, { symbols.number(of: $0) }) else { return nil }
        for index in familiesOfMetric[wanted.metric] ?? [] where families[Int(index)].names == wanted.names {
            let family = families[Int(index)]
            let width = wanted.values.count
            for row in 0..<family.count
            where (0..<width).allSatisfy({ family.values[row * width + $0] == wanted.values[$0] }) {
                return family.ids[row]
            }
        }
        return nil
    }
}

extension Segment {
    /// The family and the row of the series of some canonical label bytes.
    ///
    /// - Complexity: O(log *n*) in the number of series and of texts.
    func find(_ labels: Span<UInt8>) -> (family: Int, row: Int)? {
        guard let wanted = SymbolLabels(labels, { symbol(of: LogCodec.text($0)) }) else { return nil }
        for index in families(ofMetric: wanted.metric) where families[index].names == wanted.names {
            let family = families[index]
            let row = file.withBytes { bytes -> Int? in
                var (low, high) = (0, family.rowCount)
                while low < high {
                    let middle = (low + high) / 2
                    if isBefore(bytes, family, middle, wanted.values) { low = middle + 1 } else { high = middle }
                }
                guard low < family.rowCount,
                    wanted.values.indices.allSatisfy({ value(bytes, family, $0, low) == wanted.values[$0] })
                else { return nil }
                return low
            }
            if let row { return (index, row) }
        }
        return nil
    }

    private func isBefore(_ bytes: Span<UInt8>, _ family: Family, _ row: Int, _ wanted: [UInt32]) -> Bool {
        for column in wanted.indices {
            let value = value(bytes, family, column, row)
            if value != wanted[column] { return value < wanted[column] }
        }
        return false
    }
}
