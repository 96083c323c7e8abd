import MartletCore

/// What makes two declarations the same metric.
struct MetricDescriptor: Hashable, Sendable {
    var name: String
    var type: MetricType
    var help: String
    var unit: String
    var labelNames: [String] = []
    var buckets: HistogramBuckets = []

    /// The names of the samples that the metric writes.
    var sampleNames: [String] {
        switch type {
        case .histogram: [name, name + "_bucket", name + "_sum", name + "_count"]
        case .summary: [name, name + "_sum", name + "_count"]
        default: [name]
        }
    }

    /// Checks names, labels and buckets by themselves.
    func validate(constantLabels: LabelSet) throws(MetricRegistryError) {
        guard LabelSyntax.isLegacyMetricName(name) else { throw .invalidName(name) }
        var seen: Set<String> = []
        for label in labelNames {
            if let reason = problem(of: label, isRepeated: !seen.insert(label).inserted, constantLabels) {
                throw .invalidLabel(metric: name, label: label, reason: reason)
            }
        }
        if type == .histogram, let reason = buckets.problem { throw .invalidBuckets(metric: name, reason: reason) }
    }

    private func problem(of label: String, isRepeated: Bool, _ constantLabels: LabelSet) -> String? {
        if !LabelSyntax.isLegacyLabelName(label) { return "must match [a-zA-Z_][a-zA-Z0-9_]*" }
        if label.hasPrefix("__") { return "starts with __, which is reserved" }
        if label == "le", type == .histogram { return "is reserved for buckets" }
        if label == "quantile", type == .summary { return "is reserved for quantiles" }
        if constantLabels[label] != nil { return "is a constant label of the registry" }
        return isRepeated ? "comes twice" : nil
    }

    /// Checks that another declaration of the name means the same.
    func check(against requested: MetricDescriptor) throws(MetricRegistryError) {
        guard type == requested.type else {
            throw .otherType(metric: name, existing: type, requested: requested.type)
        }
        let fields = [
            ("labels", labelNames.description, requested.labelNames.description),
            ("help", LabelSyntax.quoted(help), LabelSyntax.quoted(requested.help)),
            ("unit", LabelSyntax.quoted(unit), LabelSyntax.quoted(requested.unit)),
            ("buckets", buckets.upperBounds.description, requested.buckets.upperBounds.description),
        ]
        for (field, existing, requested) in fields where existing != requested {
            throw .otherDescription(metric: name, field: field, existing: existing, requested: requested)
        }
    }
}
