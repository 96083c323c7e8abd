import MartletCore

/// Joins the labels that a target exposes with those that the server gives it.
enum LabelMerge {
    /// The labels of a series.
    ///
    /// Where both name a label, the exposed one wins if the job honours labels. Otherwise the server's wins, and the
    /// exposed one is kept with `exported_` before its name, as often as it takes to be unique.
    static func merge(_ exposed: LabelSet, with target: LabelSet, honorsLabels: Bool) -> LabelSet {
        var labels = exposed
        for label in target {
            if let own = exposed[label.name] {
                if honorsLabels { continue }
                var name = "exported_" + label.name
                while labels[name] != nil || target[name] != nil { name = "exported_" + name }
                labels = labels.setting(name, to: own)
            }
            labels = labels.setting(label.name, to: label.value)
        }
        return labels
    }
}
