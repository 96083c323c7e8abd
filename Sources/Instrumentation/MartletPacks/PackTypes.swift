import MartletMetrics

/// What one series of a family is recorded through.
typealias CounterSeries = Counter.Series
typealias GaugeSeries = Gauge.Series
typealias HistogramSeries = Histogram.Series

/// The unit of a family as it is declared.
func PackUnit(_ unit: String) -> MetricUnit { MetricUnit(rawValue: unit) }
