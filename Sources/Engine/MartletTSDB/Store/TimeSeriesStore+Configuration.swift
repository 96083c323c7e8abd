public import MartletFiles

extension TimeSeriesStore {
    /// When a sample that is acknowledged survives a power cut; it always survives the end of the process.
    public typealias Durability = LogDurability

    /// How a store works.
    public struct Configuration: Sendable {
        /// The data directory, made where it is missing; only one process at a time may have it.
        public var directory: String

        /// How long raw samples are kept, 24 hours unless said otherwise.
        public var retention: Duration

        /// How many bytes log and segments may take before the oldest segments go, 8 GiB unless said otherwise.
        public var bytesMax: Int

        /// When an acknowledged sample survives a power cut, within 100 milliseconds unless said otherwise.
        public var durability: Durability

        /// How much older than the newest sample of its series a sample may be, 30 minutes unless said otherwise.
        public var outOfOrderWindow: Duration

        /// How many series may be written to at a time, 1,000,000 unless said otherwise.
        public var seriesMax: Int

        /// How far ahead of the clock a sample's time may be, 10 minutes unless said otherwise.
        public var futureAllowance: Duration

        /// The time after which samples in memory are sealed, 2 hours unless said otherwise.
        public var segmentDuration: Duration

        /// How many samples are held in memory before they are sealed early, 2,000,000 unless said otherwise.
        public var headSamplesMax: Int

        /// The size at which a new log file is begun, 32 MiB unless said otherwise.
        public var logFileBytesMax: Int

        /// How long after a failed write the next one is tried, 250 milliseconds unless said otherwise.
        public var retryInterval: Duration

        /// How long a series without samples counts as written to, 1 hour unless said otherwise.
        public var seriesIdleMax: Duration = .seconds(3600)

        /// How many series one target or sender may write to at a time; as many as the store unless said otherwise.
        public var seriesOfOriginMax = Int.max

        /// How many series one metric may have at a time; as many as the store unless said otherwise.
        public var seriesOfMetricMax = Int.max

        /// How large label sets may be.
        public var labelLimits = LabelLimits()

        /// The tiers of roll-ups, finest first: hourly for 7 days and daily for 30 unless said otherwise.
        public var rollups = RollupTier.standard

        /// How many exemplars are kept in memory, 10,000 unless said otherwise; none turns them off.
        public var exemplarsMax = 10_000

        /// How many metrics' descriptions are kept in memory, 20,000 unless said otherwise.
        public var metadataMax = 20_000

        /// Creates a configuration of which everything but the directory has a default.
        public init(
            directory: String,
            retention: Duration = .seconds(24 * 3600),
            bytesMax: Int = 8 << 30,
            durability: Durability = .interval(milliseconds: 100),
            outOfOrderWindow: Duration = .seconds(30 * 60),
            seriesMax: Int = 1_000_000,
            futureAllowance: Duration = .seconds(10 * 60),
            segmentDuration: Duration = .seconds(2 * 3600),
            headSamplesMax: Int = 2_000_000,
            logFileBytesMax: Int = 32 << 20,
            retryInterval: Duration = .milliseconds(250)
        ) {
            self.directory = directory
            self.retention = retention
            self.bytesMax = bytesMax
            self.durability = durability
            self.outOfOrderWindow = outOfOrderWindow
            self.seriesMax = seriesMax
            self.futureAllowance = futureAllowance
            self.segmentDuration = segmentDuration
            self.headSamplesMax = headSamplesMax
            self.logFileBytesMax = logFileBytesMax
            self.retryInterval = retryInterval
        }

        /// Throws where a setting makes no sense.
        func check() throws(StoreError) {
            try require(!directory.isEmpty, "the data directory has no name; set one")
            try require(retention > .zero, "retention is \(retention); it needs to be over zero")
            try require(bytesMax > 0, "bytesMax is \(bytesMax); it needs to be over zero")
            try require(seriesMax > 0, "seriesMax is \(seriesMax); it needs to be over zero")
            try require(headSamplesMax > 0, "headSamplesMax is \(headSamplesMax); it needs to be over zero")
            try require(logFileBytesMax > 0, "logFileBytesMax is \(logFileBytesMax); it needs to be over zero")
            try require(
                outOfOrderWindow >= .zero,
                "outOfOrderWindow is \(outOfOrderWindow); it needs to be zero or more"
            )
            try require(futureAllowance >= .zero, "futureAllowance is \(futureAllowance); it needs to be zero or more")
            try require(
                segmentDuration >= .seconds(1),
                "segmentDuration is \(segmentDuration); it needs to be a second or more"
            )
            try require(seriesOfOriginMax > 0, "seriesOfOriginMax is \(seriesOfOriginMax); it needs to be over zero")
            try require(seriesOfMetricMax > 0, "seriesOfMetricMax is \(seriesOfMetricMax); it needs to be over zero")
            try require(
                (1...255).contains(labelLimits.countMax),
                "labelLimits.countMax is \(labelLimits.countMax); it needs to be 1 to 255"
            )
            var step = 1
            for tier in rollups {
                try require(
                    tier.stepSeconds > 0 && tier.stepSeconds % step == 0 && tier.retention > .zero,
                    "a roll-up of \(tier.stepSeconds) s needs a step that is a multiple of \(step) s and a retention"
                )
                step = tier.stepSeconds
            }
            if case .interval(let milliseconds) = durability {
                try require(milliseconds > 0, "the sync interval is \(milliseconds) ms; it needs to be over zero")
            }
        }

        private func require(_ condition: Bool, _ message: String) throws(StoreError) {
            guard condition else { throw .invalidConfiguration(message) }
        }
    }
}

extension Duration {
    /// Whole milliseconds, at most some 10,000 years so that adding to a time cannot overflow.
    var milliseconds: Int64 {
        let limit: Int64 = 315_360_000_000_000
        let seconds = components.seconds
        guard seconds < limit / 1000 else { return limit }
        return seconds * 1000 + components.attoseconds / 1_000_000_000_000_000
    }
}
