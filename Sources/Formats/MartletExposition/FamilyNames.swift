import MartletCore
public import MartletMetrics

extension [MetricFamily] {
    /// The families with `<namespace>_<collector>_` before their names, as dashboards of other systems may want them.
    ///
    /// - Parameters:
    ///   - namespace: The first part; left out where it is empty.
    ///   - includesCollector: Whether the name of the collector is the second part; metrics that no collector brought
    ///     have none.
    /// - Returns: The families, renamed; the label of a state set, which has the family's name, is renamed with it.
    public func prefixed(namespace: String, includesCollector: Bool) -> [MetricFamily] {
        guard !namespace.isEmpty || includesCollector else { return self }
        return map { family in
            let parts = [namespace, includesCollector ? family.collector : ""].filter { !$0.isEmpty }
            guard !parts.isEmpty else { return family }
            var renamed = family
            renamed.name = (parts + [family.name]).joined(separator: "_")
            guard family.metadata.type == .stateSet else { return renamed }
            for place in renamed.series.indices {
                let labels = renamed.series[place].labels
                renamed.series[place].labels = labels.setting(family.name, to: nil)
                    .setting(renamed.name, to: labels[family.name])
            }
            return renamed
        }
    }
}
