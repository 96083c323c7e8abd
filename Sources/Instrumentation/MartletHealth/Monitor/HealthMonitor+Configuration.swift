extension HealthMonitor {
    /// Intervals, timeouts, thresholds and bounds of a monitor.
    public struct Configuration: Sendable, Hashable {
        /// How often a check runs; 30 seconds unless said otherwise.
        public var interval: Duration = .seconds(30)

        /// How long a run may take; 5 seconds unless said otherwise.
        ///
        /// A timeout that isn't below the interval counts as nine tenths of the interval.
        public var timeout: Duration = .seconds(5)

        /// From how many failures in a row people are told, and a failed check counts as worse; 3 unless said otherwise.
        public var alertThreshold = 3

        /// How many failures in a row it takes until a check's state changes; 1 unless said otherwise.
        public var statusThreshold = 1

        /// How the state of the whole follows from the checks.
        public var mode: HealthReport.Mode = .fourStates

        /// Within what share of its interval a check's runs are shifted, from 0 through 1; a tenth unless said otherwise.
        public var jitter = 0.1

        /// How many runs of each check are kept.
        public var resultsMax = 20

        /// How many changes of state are kept.
        public var historyMax = 1000

        /// How many checks there may be.
        public var checksMax = 1000

        /// Creates the defaults.
        public init() {}

        /// Creates a configuration with an interval and the number of failures from which people are told.
        public init(checkInterval: Duration, unhealthyThreshold: Int = 3) {
            interval = checkInterval
            alertThreshold = unhealthyThreshold
        }
    }
}
