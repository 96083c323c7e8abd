/// What a log record holds.
enum LogRecordType: UInt8, Sendable {
    /// Labels of series as version 1 wrote them.
    case oldSeries = 1
    /// Samples as version 1 wrote them.
    case oldSamples = 2
    /// Label bytes of series.
    case series = 3
    /// Numbers.
    case samples = 4
    /// Native histograms.
    case histograms = 5
    /// Exemplars, each with the label bytes of its series.
    case exemplars = 6

    /// How many items a writer puts into one record: what damage costs.
    var itemsMax: Int {
        switch self {
        case .oldSeries, .series: 64
        case .oldSamples, .samples: 512
        case .histograms, .exemplars: 32
        }
    }
}
