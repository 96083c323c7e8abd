import MartletCore

/// One rule of an ``AlertManager`` with its alerts: elements in, notices out.
///
/// Times are milliseconds since the epoch.
struct RuleRun {
    /// What people were told of the alerts of one label set, over all its episodes.
    private struct Told {
        var firingAt: Int64?
        /// Whether people hold the alert for true.
        var isFiring = false
    }

    let rule: AlertRule
    let condition: Condition
    let interval: Int64
    var nextEvaluation: Int64
    private(set) var error: RuleError?
    private(set) var evaluations: UInt64 = 0
    private(set) var failures: UInt64 = 0
    private var machine = AlertMachine()
    private var told: [LabelSet: Told] = [:]
    private var ids: [LabelSet: (id: String, activeAt: Int64)] = [:]
    private var acknowledgements: [LabelSet: Acknowledgement] = [:]
    private var silences: [LabelSet: Int64] = [:]
    private let templates: RuleTemplates

    init(_ rule: AlertRule, condition: Condition, interval: Duration, at time: Int64) {
        self.rule = rule
        self.condition = condition
        self.interval = max(10, interval.wholeMilliseconds)
        nextEvaluation = time
        templates = RuleTemplates(rule.texts, ruleName: rule.name)
    }

    /// The alerts by their labels.
    var alerts: [ProcessAlert] {
        machine.alerts.keys.sorted().compactMap { labels in machine.alerts[labels].map { processAlert($0) } }
    }

    /// What one evaluation gave.
    struct Outcome {
        var transitions: [AlertMachine.Transition] = []
        var notices: [AlertNotice] = []
    }

    /// Moves the alerts on.
    mutating func take(
        _ samples: [RuleSample],
        at time: Int64,
        alertsMax: Int,
        context: (RuleSample) -> TemplateContext
    ) -> Outcome {
        var outcome = Outcome()
        evaluations += 1
        nextEvaluation = time + interval
        do throws(RuleError) {
            outcome.transitions = try machine.evaluate(
                samples.map { element($0, context) },
                at: time,
                hold: rule.hold.wholeMilliseconds,
                limit: alertsMax
            )
            error = nil
        } catch {
            self.error = error
            failures += 1
            return outcome
        }
        for transition in outcome.transitions {
            if case .resolved(let alert) = transition { resolve(alert, at: time, &outcome) }
        }
        for alert in machine.alerts.values.sorted(by: { $0.labels < $1.labels }) where alert.state == .firing {
            if let notice = firing(alert, at: time) { outcome.notices.append(notice) }
        }
        forget(at: time)
        return outcome
    }

    // MARK: - What people do

    /// The labels of the alert with an id or key.
    func labels(of name: String) -> LabelSet? {
        machine.alerts.values.first { processAlert($0).id == name || AlertName.key($0.labels) == name }?.labels
    }

    mutating func acknowledge(_ labels: LabelSet, _ acknowledgement: Acknowledgement?) {
        acknowledgements[labels] = acknowledgement
    }

    mutating func silence(_ labels: LabelSet, until time: Int64) {
        silences[labels] = time
    }

    func processAlert(_ alert: ActiveAlert) -> ProcessAlert {
        ProcessAlert(
            id: ids[alert.labels].map(\.id) ?? AlertName.id(alert.labels, startsAt: alert.activeAt),
            key: AlertName.key(alert.labels),
            rule: rule.name,
            severity: rule.severity,
            alert: alert,
            acknowledgement: acknowledgements[alert.labels],
            silencedUntil: silences[alert.labels]
        )
    }

    // MARK: - Telling

    /// What to tell of a firing alert now, if anything.
    private mutating func firing(_ alert: ActiveAlert, at time: Int64) -> AlertNotice? {
        var known = told[alert.labels] ?? Told()
        if acknowledgements[alert.labels] != nil { return nil }
        if let until = silences[alert.labels] {
            if time < until { return nil }
            silences[alert.labels] = nil
        }
        // One that comes and goes is told no more often than one that stays.
        let isDue = known.firingAt.map { time - $0 >= rule.notificationInterval.wholeMilliseconds } ?? true
        guard isDue else { return nil }
        let kind: AlertNotice.Kind = known.isFiring ? .reminder : .firing
        known.firingAt = time
        known.isFiring = true
        told[alert.labels] = known
        return notice(alert, kind, at: time)
    }

    private mutating func resolve(_ alert: ActiveAlert, at time: Int64, _ outcome: inout Outcome) {
        // An end is told to those who were told of the beginning, even where a silence began since.
        if told[alert.labels]?.isFiring == true { outcome.notices.append(notice(alert, .resolved, at: time)) }
        told[alert.labels]?.isFiring = false
        acknowledgements[alert.labels] = nil
        silences[alert.labels] = nil
    }

    private func notice(_ alert: ActiveAlert, _ kind: AlertNotice.Kind, at time: Int64) -> AlertNotice {
        let value = FloatText.shortest(alert.value)
        let what = alert.annotations["description"] ?? alert.annotations["summary"] ?? "\(condition)"
        return AlertNotice(
            alertID: processAlert(alert).id,
            key: AlertName.key(alert.labels),
            title: "Alert: \(rule.name)",
            message: kind == .resolved ? "resolved: \(what)" : "\(what) (value: \(value))",
            kind: kind,
            rule: rule.name,
            severity: rule.severity,
            value: alert.value,
            labels: alert.labels,
            annotations: alert.annotations,
            firedAt: alert.firedAt ?? alert.activeAt,
            timestamp: time
        )
    }

    private mutating func element(
        _ sample: RuleSample,
        _ context: (RuleSample) -> TemplateContext
    ) -> AlertMachine.Element {
        let own =
            rule.labels.map { Label($0.key, $0.value) } + [
                Label("alertname", rule.name), Label("severity", rule.labels["severity"] ?? rule.severity.rawValue),
            ]
        let (texts, _) = templates.expand(context(sample))
        return AlertMachine.Element(
            labels: LabelSet(sample.labels.removing([Label.metricName]) + own),
            annotations: Dictionary(texts.map { ($0.name, $0.text) }) { $1 },
            value: sample.value
        )
    }

    /// Gives new episodes their ids, and lets go of what belongs to alerts that are gone.
    private mutating func forget(at time: Int64) {
        for (labels, alert) in machine.alerts where ids[labels]?.activeAt != alert.activeAt {
            let base = AlertName.id(labels, startsAt: alert.activeAt)
            let used = Set(ids.values.map(\.id))
            var id = base
            var number = 2
            while used.contains(id) {
                id = "\(base)-\(number)"
                number += 1
            }
            ids[labels] = (id, alert.activeAt)
        }
        ids = ids.filter { machine.alerts[$0.key] != nil }
        acknowledgements = acknowledgements.filter { machine.alerts[$0.key] != nil }
        silences = silences.filter { machine.alerts[$0.key] != nil }
        let interval = rule.notificationInterval.wholeMilliseconds
        told = told.filter { labels, told in
            machine.alerts[labels] != nil || told.firingAt.map { time - $0 < interval } ?? false
        }
    }
}
