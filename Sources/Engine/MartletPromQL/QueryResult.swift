public import MartletCore
public import MartletSeries

/// What a query gives.
public struct QueryResult: Hashable, Sendable {
    /// How much was read and made.
    public struct Statistics: Hashable, Sendable {
        /// How many samples were read from the source.
        public var samplesRead = 0

        /// How many series were read from the source.
        public var seriesRead = 0

        /// How many steps were evaluated.
        public var steps = 0

        /// The most samples held at one time.
        public var peakSamples = 0

        /// How many samples each step looked at, those that steps share counted at each of them.
        ///
        /// Empty unless the engine's options ask for them.
        public var samplesPerStep: [Int] = []

        /// The sum of ``samplesPerStep``.
        public var queryableSamples: Int { samplesPerStep.reduce(0, +) }

        /// How long the evaluation took.
        public var evaluationTime = Duration.zero
    }

    /// The value.
    public var value: QueryValue

    /// What is likely wrong with the result, each with its place in the text.
    public var warnings: [String]

    /// What might be wrong with the query, each with its place in the text.
    public var infos: [String]

    /// How much was read and made.
    public var statistics: Statistics

    /// How the query was evaluated, where the engine's options ask for it.
    public var plan: QueryPlan?
}

/// The value of a query.
public enum QueryValue: Hashable, Sendable {
    /// A number at a time.
    case scalar(Sample)
    /// A text at a time, in milliseconds.
    case string(String, timestamp: Int64)
    /// One sample of each of some series at one time, in the query's order.
    case vector([VectorElement])
    /// Samples of some series, sorted by label set.
    case matrix([Series])

    /// The kind of the value in the words of the HTTP API: `scalar`, `string`, `vector` or `matrix`.
    public var typeName: String {
        switch self {
        case .scalar: "scalar"
        case .string: "string"
        case .vector: "vector"
        case .matrix: "matrix"
        }
    }
}

/// One element of an instant vector.
public struct VectorElement: Hashable, Sendable {
    /// What the element is called.
    public var labels: LabelSet

    /// When, in milliseconds since the epoch.
    public var timestamp: Int64

    /// The value; the sum where there is a histogram.
    public var value: Double

    /// The native histogram, where the element is one.
    public var histogram: NativeHistogram?

    /// Creates an element.
    public init(labels: LabelSet, timestamp: Int64, value: Double, histogram: NativeHistogram? = nil) {
        self.labels = labels
        self.timestamp = timestamp
        self.value = value
        self.histogram = histogram
    }
}
