public import MartletSeries

/// Answers PromQL queries from a source of series.
///
/// An engine has no state: it may be used from many threads at once.
public struct QueryEngine: Sendable {
    /// What a query may use, and how it reads.
    public struct Options: Sendable {
        /// How old the newest sample of a series may be before the series counts as gone; 5 minutes by default.
        public var lookback: Duration

        /// How many samples one query may hold at a time; 50 million by default.
        public var samplesMax: Int

        /// How many bytes one query may hold, estimated from its values and label sets; 1 GiB by default.
        public var memoryBytesMax = 1 << 30

        /// How many series one selector may read; a million by default.
        public var seriesMax: Int

        /// How many steps a range query or a subquery may have; 11,000 by default for the query itself.
        public var stepsMax: Int

        /// How long a query may run; 2 minutes by default.
        public var timeout: Duration

        /// The step of subqueries that name none; 1 minute by default.
        public var subqueryStep: Duration

        /// The parts of PromQL beyond the stable language that are on; none by default.
        public var features: PromQLFeatures

        /// Whether results say how many samples each step looked at; off by default.
        public var countsSamplesPerStep = false

        /// Whether results carry the plan, with times and sizes of each node; off by default.
        public var explains = false

        /// Creates options.
        public init(
            lookback: Duration = .seconds(300),
            samplesMax: Int = 50_000_000,
            seriesMax: Int = 1_000_000,
            stepsMax: Int = 11_000,
            timeout: Duration = .seconds(120),
            subqueryStep: Duration = .seconds(60),
            features: PromQLFeatures = []
        ) {
            self.lookback = lookback
            self.samplesMax = samplesMax
            self.seriesMax = seriesMax
            self.stepsMax = stepsMax
            self.timeout = timeout
            self.subqueryStep = subqueryStep
            self.features = features
        }
    }

    /// What queries may use.
    public let options: Options

    private let patterns: any PatternCompiler

    /// Creates an engine.
    public init(patterns: any PatternCompiler, options: Options = Options()) {
        self.patterns = patterns
        self.options = options
    }

    /// The tree of a query, with its types checked.
    ///
    /// - Throws: ``PromQLError`` `parse` with the first error's place.
    public func parse(_ text: String) throws(PromQLError) -> Expression {
        try Parser.parse(text, patterns: patterns, features: options.features)
    }

    /// The conditions of a single selector, such as the HTTP API's `match[]` parameters.
    ///
    /// - Throws: ``PromQLError`` `parse` where the text is anything but one selector.
    public func parseSelector(_ text: String) throws(PromQLError) -> VectorSelector {
        try Parser.selector(text, patterns: patterns)
    }

    /// The value of a query at one time, in milliseconds since the epoch.
    public func instant(
        _ text: String,
        at time: Int64,
        from source: some SeriesSource,
        isCancelled: @escaping @Sendable () -> Bool = { false }
    ) throws(PromQLError) -> QueryResult {
        try instant(try parse(text), text: text, at: time, from: source, isCancelled: isCancelled)
    }

    /// The value of a parsed query at one time, in milliseconds since the epoch.
    ///
    /// Warnings and infos give the place of what they speak of where `text` is the text that was parsed.
    public func instant(
        _ expression: Expression,
        text: String = "",
        at time: Int64,
        from source: some SeriesSource,
        isCancelled: @escaping @Sendable () -> Bool = { false }
    ) throws(PromQLError) -> QueryResult {
        try check(time)
        let steps = Steps(start: time, interval: 0, count: 1)
        let evaluator = evaluator(source, text, steps, isCancelled)
        evaluator.share(expression)
        if expression.type == .matrix {
            return evaluator.result(.matrix(try evaluator.matrix(expression)))
        }
        return evaluator.result(try evaluator.instantValue(of: expression))
    }

    /// The values of a query at the times from `start` through `end`, `step` apart, all in milliseconds.
    public func range(
        _ text: String,
        from start: Int64,
        through end: Int64,
        step: Int64,
        from source: some SeriesSource,
        isCancelled: @escaping @Sendable () -> Bool = { false }
    ) throws(PromQLError) -> QueryResult {
        let expression = try parse(text)
        return try range(
            expression,
            text: text,
            from: start,
            through: end,
            step: step,
            from: source,
            isCancelled: isCancelled
        )
    }

    /// The values of a parsed query at the times from `start` through `end`, `step` apart, all in milliseconds.
    ///
    /// The result is always a matrix: a scalar is one series without labels.
    public func range(
        _ expression: Expression,
        text: String = "",
        from start: Int64,
        through end: Int64,
        step: Int64,
        from source: some SeriesSource,
        isCancelled: @escaping @Sendable () -> Bool = { false }
    ) throws(PromQLError) -> QueryResult {
        guard expression.type == .scalar || expression.type == .vector else {
            let found = expression.type.rawValue
            let message = "invalid expression type \"\(found)\" for range query, must be Scalar or instant Vector"
            throw .parse(message: message, line: 1, column: 1)
        }
        guard step > 0 else { throw .execution("a range query's step must be above 0 ms; got \(step) ms") }
        try check(start)
        try check(end)
        let span = end - start
        guard span >= 0 else {
            throw .execution("a range query's end \(end) must not be before its start \(start)")
        }
        let count = span / step + 1
        guard count <= Int64(options.stepsMax) else {
            throw .limit("query has \(count) steps; at most \(options.stepsMax) are evaluated; raise the step")
        }
        let steps = Steps(start: start, interval: step, count: Int(count))
        let evaluator = evaluator(source, text, steps, isCancelled, end: end)
        evaluator.share(expression)
        return evaluator.result(.matrix(try evaluator.rangeValue(of: expression)))
    }

    private func check(_ time: Int64) throws(PromQLError) {
        let seconds = Double(time) / 1000
        guard abs(seconds) <= Parser.secondsMax else {
            throw .execution("time \(time) ms is out of range; times are at most 2e18 ms from the epoch")
        }
    }

    private func evaluator(
        _ source: some SeriesSource,
        _ text: String,
        _ steps: Steps,
        _ isCancelled: @escaping @Sendable () -> Bool,
        end: Int64? = nil
    ) -> Evaluator {
        Evaluator(
            source: source,
            patterns: patterns,
            options: options,
            text: Array(text.utf8),
            steps: steps,
            end: end ?? steps.start,
            isCancelled: isCancelled
        )
    }
}
