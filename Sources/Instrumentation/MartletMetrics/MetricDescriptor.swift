import MartletCore

/// What makes two declarations the same metric, and how its series are kept.
struct MetricDescriptor: Sendable {
    var name: String
    var kind: MetricKind
    var help: String
    var unit = ""
    var labelNames: [String] = []
    var buckets: HistogramBuckets = []
    /// What is particular to one kind: the quantiles of a summary, the states of a state set.
    var details = ""
    /// Labels that all series carry, beside those of the registry.
    var constantLabels: LabelSet = .empty
    /// The highest number of series; `nil` for the registry's.
    var seriesLimit: Int?
    /// How long a series that does not change stays; `nil` for ever.
    var expiry: Duration?
    var site: DeclarationSite

    var type: MetricType { kind.type }

    /// The name's samples.
    var sampleNames: [String] {
        switch type {
        case .histogram: [name, name + "_bucket", name + "_sum", name + "_count"]
        case .summary: [name, name + "_sum", name + "_count"]
        default: [name]
        }
    }

    /// Checks names, labels and buckets by themselves.
    func validate(registryLabels: LabelSet) throws(MetricRegistryError) {
        guard LabelSyntax.isLegacyMetricName(name) else { throw .invalidName(name) }
        var seen = Set(constantLabels.map(\.name))
        for label in constantLabels {
            if let reason = problem(of: label.name, isRepeated: false, registryLabels) {
                throw .invalidLabel(metric: name, label: label.name, reason: reason)
            }
        }
        for label in labelNames {
            if let reason = problem(of: label, isRepeated: !seen.insert(label).inserted, registryLabels) {
                throw .invalidLabel(metric: name, label: label, reason: reason)
            }
        }
        if type == .histogram, let reason = buckets.problem { throw .invalidBuckets(metric: name, reason: reason) }
    }

    private func problem(of label: String, isRepeated: Bool, _ registryLabels: LabelSet) -> String? {
        if !LabelSyntax.isLegacyLabelName(label) { return "must match [a-zA-Z_][a-zA-Z0-9_]*" }
        if label.hasPrefix("__") { return "starts with __, which is reserved" }
        if label == "le", type == .histogram { return "is reserved for buckets" }
        if label == "quantile", type == .summary { return "is reserved for quantiles" }
        if registryLabels[label] != nil { return "is a constant label of the registry" }
        return isRepeated ? "comes twice" : nil
    }

    /// Checks that another declaration of the name means the same.
    func check(against requested: MetricDescriptor) throws(MetricRegistryError) {
        let sites = DeclarationSites(existing: site, requested: requested.site)
        guard kind == requested.kind else {
            throw .otherType(metric: name, existing: kind, requested: requested.kind, sites)
        }
        let fields = [
            ("labels", labelNames.description, requested.labelNames.description),
            ("help", LabelSyntax.quoted(help), LabelSyntax.quoted(requested.help)),
            ("unit", LabelSyntax.quoted(unit), LabelSyntax.quoted(requested.unit)),
            ("buckets", buckets.upperBounds.description, requested.buckets.upperBounds.description),
            ("constant labels", constantLabels.description, requested.constantLabels.description),
            ("settings", details, requested.details),
        ]
        for (field, existing, requested) in fields where existing != requested {
            throw .otherDescription(metric: name, field: field, existing: existing, requested: requested, sites)
        }
    }
}
