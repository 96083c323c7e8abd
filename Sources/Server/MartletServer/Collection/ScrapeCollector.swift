import MartletCore
import MartletMetrics
import MartletScrape
import MartletSeries

/// The scrape loops' numbers as metrics.
struct ScrapeCollector: MetricCollector {
    let name = "scrape"
    let scrapes: ScrapeManager

    func collect() -> [MetricFamily] {
        let state = scrapes.statistics
        var results: [(LabelSet, Double)] = [(["result": "success"], Double(state.succeeded))]
        for reason in ScrapeFailure.Reason.allCases {
            results.append((["result": reason.rawValue], Double(state.failed[reason] ?? 0)))
        }
        return [
            .gauge("martlet_scrape_targets", "Targets that are scraped.", [(.empty, Double(state.targets))]),
            .counter("martlet_target_scrapes_total", "Scrapes of targets, by result.", results),
            .counter(
                "martlet_scrape_missed_total",
                "Scrapes skipped because the one before still ran.",
                [
                    (.empty, Double(state.missedTicks))
                ]
            ),
            .counter(
                "martlet_scrape_samples_total",
                "Samples scraped and stored.",
                [(.empty, Double(state.samplesAppended))]
            ),
            .counter(
                "martlet_scrape_samples_dropped_total",
                "Samples dropped by metric relabelling.",
                [
                    (.empty, Double(state.samplesDropped))
                ]
            ),
            .counter(
                "martlet_discovery_errors_total",
                "Target files that could not be read.",
                [
                    (.empty, Double(state.discoveryErrors))
                ]
            ),
        ]
    }
}
