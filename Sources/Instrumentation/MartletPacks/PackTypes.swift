import MartletMetrics

/// What one series of a family is recorded through.
typealias CounterSeries = Counter
typealias GaugeSeries = Gauge
typealias HistogramSeries = Histogram

/// The unit of a family as it is declared.
func PackUnit(_ unit: String) -> String { unit }
