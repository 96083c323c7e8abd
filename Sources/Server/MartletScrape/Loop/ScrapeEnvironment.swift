import MartletCore
import MartletHTTPClient
import MartletLogging
import MartletSeries

/// What all loops of a manager share.
struct ScrapeEnvironment: Sendable {
    let sink: any SampleSink
    let client: any HTTPSending
    let patterns: any PatternCompiler
    let clock: any WallClock
    let timer: any ScrapeTimer
    let logger: Logger
    var extras = ScrapeExtras()
    let counters = ScrapeCounters()
}
