import MartletCore

/// What the strict check knows of one metric family while its lines go by.
struct LintFamily {
    /// The samples of one set of labels, bucket and quantile labels left out.
    struct Group {
        var line: Int
        var lastBound: Double?
        var lastBucketCount: Double?
        var infiniteCount: Double?
        var count: Double?
        var hasSum = false
        var hasNegativeBound = false
        var hasNegativeSum = false
        var timestamp: Double?
        var hasTimestamp: Bool?
    }

    var name: String
    var line: Int
    var type: MetricType?
    var help: String?
    var unit: String?
    var hasSamples = false
    var groups: [LabelSet: Group] = [:]
    var lastGroup: LabelSet?
    var series: [String: Set<LabelSet>] = [:]
    var closedGroups: Set<LabelSet> = []
    var labelNames: Set<String> = []

    /// Whether a label is part of the type rather than chosen by somebody.
    static func isReserved(_ label: String, _ type: MetricType) -> Bool {
        switch type {
        case .histogram, .gaugeHistogram: label == "le"
        case .summary: label == "quantile"
        default: false
        }
    }

    /// The suffixes that samples of a type have in OpenMetrics.
    static func suffixes(_ type: MetricType) -> [String] {
        switch type {
        case .counter: ["_total", "_created"]
        case .summary: ["", "_count", "_sum", "_created"]
        case .histogram: ["_bucket", "_count", "_sum", "_created"]
        case .gaugeHistogram: ["_bucket", "_gcount", "_gsum"]
        case .info: ["_info"]
        case .gauge, .stateSet, .unknown: [""]
        }
    }

    /// The suffixes that samples of a type have in the text format.
    static func textSuffixes(_ type: MetricType) -> [String] {
        switch type {
        case .histogram: ["_bucket", "_count", "_sum"]
        case .summary: ["", "_count", "_sum"]
        default: [""]
        }
    }
}
