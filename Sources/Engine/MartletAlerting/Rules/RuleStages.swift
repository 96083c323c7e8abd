import MartletCore

/// Finds which rules of a group may be evaluated together.
enum RuleStages {
    /// Runs of neighbouring rules in which none reads what another one of the run writes.
    ///
    /// The results of a run are stored in the rules' order before the next run begins, so that each rule sees just what
    /// it would see if all were evaluated one after the other.
    ///
    /// - Complexity: O(*n*) look-ups for *n* rules and the names they read.
    static func runs(of rules: [RuleState], names: (String) -> Set<String>?) -> [Range<Int>] {
        var runs: [Range<Int>] = []
        var start = 0
        var written: Set<String> = []
        for (index, state) in rules.enumerated() {
            let read = names(state.rule.expression)
            let depends = read.map { !$0.isDisjoint(with: written) } ?? !written.isEmpty
            if depends {
                runs.append(start..<index)
                start = index
                written = []
            }
            switch state.rule {
            case .recording(let rule): written.insert(rule.record)
            case .alerting: written.formUnion(["ALERTS", "ALERTS_FOR_STATE"])
            }
        }
        if start < rules.count { runs.append(start..<rules.count) }
        return runs
    }
}
