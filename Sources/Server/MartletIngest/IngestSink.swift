public import MartletSeries

/// Where everything that comes in ends: samples as columns, exemplars and descriptions of metrics.
public typealias IngestSink = SampleColumnSink & ExemplarSink & MetadataSink
