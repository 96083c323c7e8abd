import MartletCore
import MartletSeries

extension Evaluator {
    /// A value with what was noted on the way to it.
    func result(_ value: QueryValue) -> QueryResult {
        statistics.peakSamples = samplesPeak
        statistics.evaluationTime = ContinuousClock.now - began
        return QueryResult(
            value: value,
            warnings: annotations.warnings,
            infos: annotations.infos,
            statistics: statistics,
            plan: trace.root
        )
    }

    /// The value of a query at its only step.
    func instantValue(of expression: Expression) throws(PromQLError) -> QueryValue {
        let time = querySteps.start
        switch try evaluate(expression, querySteps) {
        case .scalar(let values): return .scalar(Sample(timestamp: time, value: values[0]))
        case .string(let literal): return .string(literal.value, timestamp: time)
        case .vector(let columns):
            return .vector(
                try finished(columns).map { column in
                    let histogram = column.histogram(0)
                    return VectorElement(
                        labels: column.labels,
                        timestamp: time,
                        value: histogram?.sum ?? column.values[0],
                        histogram: histogram
                    )
                }
            )
        }
    }

    /// The value of a query at all its steps, sorted by label set.
    func rangeValue(of expression: Expression) throws(PromQLError) -> [Series] {
        switch try evaluate(expression, querySteps) {
        case .string: return []
        case .scalar(let values):
            let times = (0..<querySteps.count).map(querySteps.time)
            return [Series(labels: .empty, timestamps: times, values: values)]
        case .vector(let columns):
            return try finished(columns).map(series).sorted { $0.labels < $1.labels }
        }
    }

    private func series(_ column: Column) -> Series {
        var series = Series(labels: column.labels)
        series.values.reserveCapacity(column.values.count)
        series.timestamps.reserveCapacity(column.values.count)
        for (step, value) in column.values.enumerated() where column.isPresent(step) {
            series.timestamps.append(querySteps.time(step))
            if let histogram = column.histogram(step) {
                series.values.append(histogram.sum)
                series.histograms.append(histogram)
            } else {
                series.values.append(value)
                if !column.histograms.isEmpty { series.histograms.append(nil) }
            }
        }
        return series
    }

    /// The samples of a range selector or a subquery at the query's only step, sorted by label set.
    func matrix(_ expression: Expression) throws(PromQLError) -> [Series] {
        let ranges = try ranges(of: expression, querySteps)
        var columns: [Series] = []
        for series in ranges.series {
            var window = Window(series: series, span: ranges.span)
            window.move(toEnd: ranges.end(0, querySteps), time: querySteps.start)
            guard !window.isEmpty else { continue }
            let labels = series.dropsName ? nameless(series.labels) : series.labels
            columns.append(window.series(labels))
        }
        guard Set(columns.map(\.labels)).count == columns.count else {
            throw .execution("vector cannot contain metrics with the same labelset")
        }
        return columns.sorted { $0.labels < $1.labels }
    }
}

extension Window {
    /// The samples in the window.
    fileprivate func series(_ labels: LabelSet) -> Series {
        guard hasHistograms else {
            return Series(
                labels: labels,
                timestamps: Array(timestamps[lower..<upper]),
                values: Array(values[lower..<upper])
            )
        }
        let numbers = (lower..<upper).map { (timestamps[$0], values[$0], NativeHistogram?.none) }
        let others = histogramRange.map {
            (histogramTimes[$0], histograms[$0].sum, NativeHistogram?.some(histograms[$0]))
        }
        let all = (numbers + others).sorted { $0.0 < $1.0 }
        return Series(labels: labels, timestamps: all.map(\.0), values: all.map(\.1), histograms: all.map(\.2))
    }
}
