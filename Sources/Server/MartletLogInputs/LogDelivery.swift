import MartletCore
import MartletLogFormats
import MartletLogging
import MartletOTLP

/// Hands the records of one input over to the store and keeps them while it refuses, for a time.
///
/// While it waits its input reads nothing, so that what is held stays one batch.
struct LogDelivery: Sendable {
    /// How many records one request to the store has at most.
    static let batchMax = 2_048

    let target: any LogTarget
    let numbers: LogInputNumbers
    let logger: Logger
    /// How often to try again, a quarter of a second each, before the records are given up.
    var triesMax = 40
    /// Waits a little; `false` when the input is to stop.
    let pause: @Sendable () -> Bool

    /// Delivers a batch; `false` where it had to be given up.
    func deliver(_ batch: LogBatch) -> Bool {
        guard !batch.isEmpty else { return true }
        var tries = 0
        while true {
            do throws(LogTargetError) {
                try target.append(batch.resourceLogs)
                numbers.change { $0.taken += batch.count }
                return true
            } catch {
                numbers.change { $0.refusals += 1 }
                if tries == 0 {
                    logger.warn(
                        "records wait for the store",
                        [
                            "input": .string(numbers.name), "records": LogValue(batch.count),
                            "error": .string(error.description),
                        ]
                    )
                }
                tries += 1
                if tries > triesMax || !pause() { return false }
            }
        }
    }

    /// Counts records that were given up.
    func giveUp(_ count: Int) {
        numbers.change { $0.dropped += count }
        logger.error(
            "records were given up: the store refused them for too long",
            ["input": .string(numbers.name), "records": LogValue(count)]
        )
    }
}
