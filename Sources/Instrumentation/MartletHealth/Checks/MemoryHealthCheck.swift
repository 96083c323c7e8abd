/// Compares the memory in use with a threshold.
public struct MemoryHealthCheck: HealthCheck {
    /// Memory in bytes.
    public struct Usage: Sendable, Hashable {
        /// What is in use.
        public var usedBytes: UInt64

        /// What there is.
        public var totalBytes: UInt64

        /// Creates a reading.
        public init(usedBytes: UInt64, totalBytes: UInt64) {
            self.usedBytes = usedBytes
            self.totalBytes = totalBytes
        }

        /// The machine's memory: what is there, less what could be given to programs without swapping.
        ///
        /// - Returns: `nil` where `/proc/meminfo` can't be read.
        public static func ofMachine() -> Usage? {
            guard let text = Platform.text(of: "/proc/meminfo") else { return nil }
            return parse(text)
        }

        static func parse(_ text: String) -> Usage? {
            var kilobytes: [Substring: UInt64] = [:]
            for line in text.split(separator: "\n") {
                let words = line.split(whereSeparator: { $0 == " " || $0 == ":" })
                guard words.count >= 2, let number = UInt64(words[1]) else { continue }
                kilobytes[words[0]] = number
            }
            guard let total = kilobytes["MemTotal"], let available = kilobytes["MemAvailable"], available <= total
            else {
                return nil
            }
            return Usage(usedBytes: (total - available) * 1024, totalBytes: total * 1024)
        }
    }

    /// `memory_usage`.
    public let name = "memory_usage"

    /// The machine.
    public let kind = HealthKind.system

    private let threshold: Double
    private let usage: @Sendable () -> Usage?

    /// Creates the check.
    ///
    /// - Parameters:
    ///   - memoryThreshold: The highest good usage, in percent.
    ///   - usage: Where the numbers come from; the machine's memory unless said otherwise.
    public init(memoryThreshold: Double = 90, usage: @escaping @Sendable () -> Usage? = Usage.ofMachine) {
        threshold = memoryThreshold
        self.usage = usage
    }

    /// Looks.
    public func check() -> HealthResult {
        guard let usage = usage(), usage.totalBytes > 0 else { return .failed("Cannot determine memory usage") }
        let percentage = Double(usage.usedBytes) / Double(usage.totalBytes) * 100
        let details: [String: HealthValue] = [
            "used_bytes": .integer(Int64(clamping: usage.usedBytes)),
            "total_bytes": .integer(Int64(clamping: usage.totalBytes)),
            "percentage": .double(percentage), "threshold": .double(threshold),
        ]
        let text = PercentText.oneDigit(percentage)
        return percentage <= threshold
            ? .healthy("Memory usage is normal: \(text)", details: details)
            : .failed("High memory usage: \(text) (threshold: \(PercentText.oneDigit(threshold)))", details: details)
    }
}

/// Percentages with one digit after the point: `12.3%`.
enum PercentText {
    static func oneDigit(_ percentage: Double) -> String {
        guard percentage.isFinite, abs(percentage) < 1e15 else { return "\(percentage)%" }
        let tenths = Int64((percentage * 10).rounded())
        return "\(tenths < 0 ? "-" : "")\(abs(tenths) / 10).\(abs(tenths) % 10)%"
    }
}
