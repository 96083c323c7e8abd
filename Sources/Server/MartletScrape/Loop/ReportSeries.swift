import MartletCore

/// The series that every scrape writes about itself.
struct ReportSeries {
    /// `up`, `scrape_duration_seconds`, `scrape_samples_scraped`, `scrape_samples_post_metric_relabeling` and
    /// `scrape_series_added`, in this order.
    let all: [LabelSet]

    init(target: LabelSet) {
        let names = [
            "up", "scrape_duration_seconds", "scrape_samples_scraped", "scrape_samples_post_metric_relabeling",
            "scrape_series_added",
        ]
        all = names.map { target.setting(Label.metricName, to: $0) }
    }
}
