import MartletConfiguration
import MartletCore

/// Makes targets of discovered addresses: the default labels, relabelling, the address.
struct TargetAssembly {
    /// What becomes of an address.
    enum Outcome: Equatable {
        /// It is scraped.
        case target(ScrapeTarget)
        /// A rule dropped it.
        case dropped(LabelSet)
        /// It cannot be scraped; the text says why.
        case refused(String)
    }

    let configuration: ScrapeConfiguration

    /// The target of one address of a group.
    func outcome(of address: String, in group: TargetGroup) -> Outcome {
        let discovered = discoveredLabels(address, group.labels)
        guard let labels = Relabelling.apply(configuration.relabelRules, to: discovered) else {
            return .dropped(discovered)
        }
        guard let address = labels["__address__"] else { return .refused("target \(address) has no __address__ left") }
        guard !address.contains("/"), !address.contains(where: \.isWhitespace) else {
            return .refused("\"\(address)\" is not a valid address")
        }
        let intervalText = labels["__scrape_interval__"] ?? ""
        let timeoutText = labels["__scrape_timeout__"] ?? ""
        guard let interval = DurationText.milliseconds(intervalText), interval > 0 else {
            return .refused(
                "target \(address) has the scrape interval \"\(intervalText)\", which is no duration above 0"
            )
        }
        guard let timeout = DurationText.milliseconds(timeoutText), timeout > 0, timeout <= interval else {
            return .refused(
                "target \(address) has the scrape timeout \"\(timeoutText)\", which is no duration in 1ms to \(intervalText)"
            )
        }
        let scheme = labels["__scheme__"] ?? "http"
        guard scheme == "http" || scheme == "https" else {
            return .refused("target \(address) has the scheme \"\(scheme)\", which is neither http nor https")
        }
        var final = labels.filter { !$0.name.hasPrefix("__") }
        if labels["instance"] == nil { final.append(Label("instance", address)) }
        return .target(
            ScrapeTarget(
                labels: LabelSet(final),
                discoveredLabels: discovered,
                url: url(scheme, address, labels),
                interval: .milliseconds(interval),
                timeout: .milliseconds(timeout)
            )
        )
    }

    /// The labels that relabelling sees; what discovery says wins over the job's settings.
    private func discoveredLabels(_ address: String, _ group: LabelSet) -> LabelSet {
        var labels = [
            Label("job", configuration.jobName),
            Label("__scheme__", configuration.scheme),
            Label("__metrics_path__", configuration.metricsPath),
            Label("__scrape_interval__", configuration.interval.configurationText),
            Label("__scrape_timeout__", configuration.timeout.configurationText),
        ]
        for parameter in configuration.parameters {
            if let first = parameter.values.first { labels.append(Label("__param_\(parameter.name)", first)) }
        }
        labels += group
        labels.append(Label("__address__", address))
        return LabelSet(labels)
    }

    private func url(_ scheme: String, _ address: String, _ labels: LabelSet) -> String {
        var parameters = configuration.parameters.filter { !$0.values.isEmpty }
        for label in labels where label.name.hasPrefix("__param_") {
            let name = String(label.name.dropFirst("__param_".count))
            if let index = parameters.firstIndex(where: { $0.name == name }) {
                parameters[index].values[0] = label.value
            } else {
                parameters.append(ScrapeConfiguration.Parameter(name: name, values: [label.value]))
            }
        }
        var path = labels["__metrics_path__"] ?? ""
        if !path.hasPrefix("/") { path = "/" + path }
        let query = parameters.sorted { $0.name < $1.name }.flatMap { parameter in
            parameter.values.map { "\(PercentEncoding.query(parameter.name))=\(PercentEncoding.query($0))" }
        }
        let base = "\(scheme)://\(address)\(PercentEncoding.path(path))"
        return query.isEmpty ? base : base + "?" + query.joined(separator: "&")
    }
}
