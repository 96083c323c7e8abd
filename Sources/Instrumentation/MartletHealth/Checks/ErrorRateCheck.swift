public import MartletCore
import Synchronization

/// Compares the share of failed operations within a window with a threshold.
///
/// What it asks for are counts since the start of the program; what it judges are their differences over the window, so
/// that old failures don't count for ever.
public final class ErrorRateCheck: HealthCheck {
    /// `error_rates` unless said otherwise.
    public let name: String

    private let window: CountWindow
    private let threshold: Double
    private let operationsMin: Double
    private let read: @Sendable () async throws -> (failed: Double, total: Double)

    /// Creates the check.
    ///
    /// - Parameters:
    ///   - name: The check's name.
    ///   - threshold: The highest good share of failures, from 0 through 1.
    ///   - window: How far back is looked.
    ///   - operationsMin: With fewer operations in the window nothing is judged.
    ///   - clock: The time.
    ///   - read: Gives the counts since the program's start.
    public init(
        _ name: String = "error_rates",
        threshold: Double = 0.05,
        window: Duration = .seconds(300),
        operationsMin: Double = 1,
        clock: any WallClock = SystemWallClock(),
        _ read: @escaping @Sendable () async throws -> (failed: Double, total: Double)
    ) {
        self.name = name
        self.threshold = threshold
        self.operationsMin = operationsMin
        self.window = CountWindow(window, clock: clock)
        self.read = read
    }

    /// Looks.
    ///
    /// - Throws: What the reading throws.
    public func check() async throws -> HealthResult {
        let (failed, total) = try await read()
        let (failures, operations) = window.difference(failed, total)
        let share = operations > 0 ? failures / operations : 0
        let details: [String: HealthValue] = [
            "errors": .double(failures), "operations": .double(operations), "error_rate": .double(share),
            "threshold": .double(threshold),
        ]
        guard operations >= operationsMin, share > threshold else {
            return .healthy("Error rate is normal: \(PercentText.oneDigit(share * 100))", details: details)
        }
        return .failed(
            "High error rate: \(PercentText.oneDigit(share * 100)) (threshold: \(PercentText.oneDigit(threshold * 100)))",
            details: details
        )
    }
}

/// Readings of two counts over a window; at most 720 are kept.
final class CountWindow: Sendable {
    private let length: Int64
    private let spacing: Int64
    private let clock: any WallClock
    private let readings = Mutex<[(time: Int64, first: Double, second: Double)]>([])

    init(_ length: Duration, clock: any WallClock) {
        self.length = max(1, length.wholeNanoseconds / 1_000_000)
        spacing = self.length / 720
        self.clock = clock
    }

    /// Notes a reading, and gives the growth of both counts over the window.
    ///
    /// Before a window has passed the growth counts from the first reading, which itself counts from zero. A count that
    /// shrank was begun anew, and counts from zero as well.
    func difference(_ first: Double, _ second: Double) -> (Double, Double) {
        let now = clock.millisecondsSinceEpoch
        return readings.withLock { readings in
            if let last = readings.last, first < last.first || second < last.second { readings = [(last.time, 0, 0)] }
            if readings.isEmpty { readings.append((now, 0, 0)) }
            // The newest reading that is as old as the window is what the growth counts from.
            let start = readings.lastIndex { $0.time <= now - length } ?? 0
            readings.removeFirst(start)
            let base = readings[0]
            if readings.count == 1 || now - readings[readings.count - 1].time >= spacing {
                readings.append((now, first, second))
            }
            return (first - base.first, second - base.second)
        }
    }
}
