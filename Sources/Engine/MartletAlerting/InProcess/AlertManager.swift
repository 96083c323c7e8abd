public import MartletCore
public import MartletLogging
public import MartletMetrics
import MartletSeries
import Synchronization

/// Evaluates alert rules inside of a service, over the service's own metrics: no server needed.
///
/// ```swift
/// let alerts = AlertManager(registry: .default)
/// alerts.add(channel: "pager", PagerHandler())
/// try alerts.add(rule: AlertRule("queue_full", .text("queue_depth > 100"), severity: .critical, channels: ["pager"]))
/// alerts.start()
/// …
/// await alerts.stop()
/// ```
///
/// The rules are those that the server takes, and give the same alerts. What they look at is kept in memory, from one
/// snapshot of the registry to the next, as far back as their windows need and within ``Configuration/seriesMax``.
public final class AlertManager: Sendable {
    /// Intervals and bounds.
    public struct Configuration: Sendable {
        /// How often rules are evaluated that don't say so themselves; ten seconds unless said otherwise.
        public var interval: Duration = .seconds(10)
        /// How many series are kept; further ones are counted in ``AlertManager/droppedSamples``.
        public var seriesMax = 10_000
        /// How many samples of each series are kept.
        public var samplesMax = 720
        /// How many rules there may be.
        public var rulesMax = 1000
        /// How many alerts a rule may have; with more, the rule fails.
        public var alertsPerRuleMax = 1000
        /// How many events of alerts' lives are kept.
        public var historyMax = 1000
        /// How long a channel may take; ten seconds unless said otherwise.
        public var sendTimeout: Duration = .seconds(10)
        /// How often a notice is tried.
        public var sendAttempts = 3
        /// Whether people are told that an alert has ended.
        public var sendsResolved = true
        /// What the words of conditions mean.
        public var vocabulary = ConditionVocabulary.standard

        /// Creates the defaults.
        public init() {}
    }

    private struct State {
        var runs: [RuleRun] = []
        var channels: [String: ChannelRun] = [:]
        var history: SampleHistory
        var events: [AlertEvent] = []
        var loop: Task<Void, Never>?
        var manualCount = 0
    }

    private let registry: MetricRegistry
    private let configuration: Configuration
    private let clock: any WallClock
    private let timer: any MonotonicTimer
    private let log: Logger
    private let state: Mutex<State>

    /// Creates a manager without rules.
    ///
    /// - Parameters:
    ///   - registry: The metrics that rules look at.
    ///   - configuration: Intervals and bounds.
    ///   - clock: The time of day.
    ///   - timer: The time that intervals are measured by.
    ///   - log: Where alerts are told in any case.
    public init(
        registry: MetricRegistry = .default,
        configuration: Configuration = Configuration(),
        clock: any WallClock = SystemWallClock(),
        timer: any MonotonicTimer = SystemTimer(),
        log: Logger = .silent
    ) {
        self.registry = registry
        self.configuration = configuration
        self.clock = clock
        self.timer = timer
        self.log = log
        state = Mutex(
            State(history: SampleHistory(seriesMax: configuration.seriesMax, samplesMax: configuration.samplesMax))
        )
    }

    deinit { state.withLock { $0.loop?.cancel() } }

    // MARK: - Rules and channels

    /// Adds a rule; one of the same name and severity is replaced and its alerts forgotten.
    ///
    /// Rules of one name and several severities are levels of one alert, each with its own threshold.
    ///
    /// - Throws: ``ConditionError`` where the condition is wrong, names no known channel, or there are too many rules.
    public func add(rule: AlertRule) throws(ConditionError) {
        let condition = try rule.tree(vocabulary: configuration.vocabulary)
        let interval = rule.evaluationInterval ?? configuration.interval
        let now = clock.millisecondsSinceEpoch
        try state.withLock { state throws(ConditionError) in
            for channel in rule.channels ?? [] where state.channels[channel] == nil {
                let known = state.channels.keys.sorted()
                let hint = Suggestion.closest(to: channel, among: known).map { " (did you mean \"\($0)\"?)" } ?? ""
                throw ConditionError("rule \(rule.name) names the unknown channel \"\(channel)\"\(hint); add it first")
            }
            state.runs.removeAll { $0.rule.name == rule.name && $0.rule.severity == rule.severity }
            guard state.runs.count < configuration.rulesMax else {
                throw ConditionError(
                    "there are \(configuration.rulesMax) rules, which is as many as may be; remove some"
                )
            }
            state.runs.append(RuleRun(rule, condition: condition, interval: interval, at: now))
            state.history.keep(state.runs.map(\.condition))
        }
    }

    /// Takes the rules of a name away with their alerts; does nothing where there is none.
    public func removeRule(named name: String) {
        state.withLock { state in
            state.runs.removeAll { $0.rule.name == name }
            state.history.keep(state.runs.map(\.condition))
        }
    }

    /// The rules in the order added.
    public var rules: [AlertRule] { state.withLock { $0.runs.map(\.rule) } }

    /// Why a rule's last evaluation failed; `nil` where it did not, or there is no such rule.
    public func failure(of rule: String) -> String? {
        state.withLock { $0.runs.first { $0.rule.name == rule }?.error?.description }
    }

    /// How often a rule was evaluated.
    public func evaluations(of rule: String) -> UInt64 {
        state.withLock { $0.runs.first { $0.rule.name == rule }?.evaluations ?? 0 }
    }

    /// Adds a channel, which rules can name; rules that name none reach all.
    public func add(channel name: String, _ handler: some AlertNotificationHandler) {
        let channel = ChannelRun(
            name,
            handler,
            timer: timer,
            timeout: configuration.sendTimeout,
            attempts: configuration.sendAttempts,
            log: log
        )
        state.withLock { $0.channels[name] = channel }
    }

    // MARK: - Running

    /// Begins to evaluate; does nothing where it has begun.
    public func start() {
        state.withLock { state in
            guard state.loop == nil else { return }
            let timer = timer
            state.loop = Task { [weak self] in
                while !Task.isCancelled {
                    guard let wait = self?.evaluate() else { return }
                    if (try? await timer.sleep(for: wait)) == nil { return }
                }
            }
        }
    }

    /// Ends the evaluations and waits for the channels to tell what they were given.
    ///
    /// The manager can't be started again.
    public func stop() async {
        let (loop, channels) = state.withLock { state in
            defer { state.channels = [:] }
            return (state.loop, Array(state.channels.values))
        }
        loop?.cancel()
        await loop?.value
        await withDiscardingTaskGroup { group in
            for channel in channels { group.addTask { await channel.close() } }
        }
    }

    /// Takes a snapshot of the registry and evaluates the rules whose time has come.
    ///
    /// - Returns: How long until the next rule's time.
    @discardableResult
    public func evaluate() -> Duration {
        let families = registry.gather()
        let now = clock.millisecondsSinceEpoch
        let (notices, wait) = state.withLock { state in
            let wanted = state.history.windows
            state.history.take(families.flatMap { $0.samples(of: wanted) }, at: now)
            let evaluator = ConditionEvaluator(state.history, at: now)
            var notices: [(notice: AlertNotice, channels: [ChannelRun])] = []
            for index in state.runs.indices
            where state.runs[index].rule.isEnabled && state.runs[index].nextEvaluation <= now {
                let outcome = evaluate(&state.runs[index], evaluator, at: now)
                note(outcome.transitions, of: state.runs[index], &state.events)
                for notice in outcome.notices where notice.kind != .resolved || configuration.sendsResolved {
                    notices.append((notice, Self.channels(of: state.runs[index].rule, state.channels)))
                }
            }
            let next = state.runs.filter(\.rule.isEnabled).map(\.nextEvaluation).min() ?? now + 1000
            return (notices, Duration.milliseconds(max(1, next - now)))
        }
        for (notice, channels) in notices { for channel in channels { channel.tell(notice) } }
        return wait
    }

    // MARK: - Alerts

    /// The alerts that are pending or firing.
    public var activeAlerts: [ProcessAlert] { allAlerts.filter { $0.state != .inactive } }

    /// All alerts, those that ended within the last quarter of an hour among them.
    public var allAlerts: [ProcessAlert] { state.withLock { $0.runs.flatMap(\.alerts) } }

    /// What happened in alerts' lives, oldest first; at most ``Configuration/historyMax`` events.
    public func history(of alert: String? = nil) -> [AlertEvent] {
        state.withLock(\.events).filter { alert == nil || $0.alert == alert }
    }

    /// Says that somebody deals with an alert: it is told no more until it ends.
    ///
    /// - Parameters:
    ///   - alert: The alert's id or key.
    ///   - person: Who.
    ///   - comment: What they say.
    /// - Returns: Whether there is such an alert.
    @discardableResult
    public func acknowledge(_ alert: String, by person: String, comment: String = "") -> Bool {
        change(alert, .acknowledged, detail: person) { run, labels, now in
            run.acknowledge(labels, Acknowledgement(by: person, at: now, comment: comment))
        }
    }

    /// Tells nobody of an alert for a while; afterwards it is told again.
    ///
    /// - Parameters:
    ///   - alert: The alert's id or key.
    ///   - duration: For how long.
    /// - Returns: Whether there is such an alert.
    @discardableResult
    public func silence(_ alert: String, for duration: Duration) -> Bool {
        change(alert, .silenced, detail: "\(duration)") { run, labels, now in
            run.silence(labels, until: now + duration.wholeMilliseconds)
        }
    }

    /// Tells people something by hand, over a rule's channels.
    ///
    /// - Parameters:
    ///   - rule: The rule's name.
    ///   - message: What to tell.
    /// - Returns: The alert's id; `nil` where there is no such rule.
    @discardableResult
    public func send(rule: String, message: String) -> String? {
        let now = clock.millisecondsSinceEpoch
        let found = state.withLock { state -> (AlertNotice, [ChannelRun])? in
            guard let run = state.runs.first(where: { $0.rule.name == rule }) else { return nil }
            state.manualCount += 1
            let labels = LabelSet(
                run.rule.labels.map { Label($0.key, $0.value) } + [
                    Label("alertname", rule), Label("severity", run.rule.severity.rawValue),
                ]
            )
            let id = "\(AlertName.id(labels, startsAt: now))-manual-\(state.manualCount)"
            let notice = AlertNotice(
                alertID: id,
                key: AlertName.key(labels),
                title: "Alert: \(rule)",
                message: message,
                kind: .manual,
                rule: rule,
                severity: run.rule.severity,
                value: .nan,
                labels: labels,
                annotations: run.rule.texts,
                firedAt: now,
                timestamp: now
            )
            remember(AlertEvent(alert: id, at: now, kind: .fired, detail: message), &state.events)
            return (notice, Self.channels(of: run.rule, state.channels))
        }
        guard let (notice, channels) = found else { return nil }
        for channel in channels { channel.tell(notice) }
        return notice.alertID
    }

    /// How many samples were not kept because there were too many series.
    public var droppedSamples: UInt64 { state.withLock(\.history.dropped) }

    /// What a channel has done: notices sent, failed for good, and dropped because too many waited.
    public func statistics(of channel: String) -> (sent: UInt64, failed: UInt64, dropped: UInt64)? {
        state.withLock { $0.channels[channel] }?.statistics
    }

    // MARK: - Parts

    private func evaluate(_ run: inout RuleRun, _ evaluator: ConditionEvaluator, at now: Int64) -> RuleRun.Outcome {
        var context = TemplateContext(time: now, externalURL: "", patterns: NoPatterns()) {
            _ throws(RuleQueryError) in throw RuleQueryError("queries are not available inside of a service")
        }
        return run.take(
            evaluator.elements(of: run.condition),
            at: now,
            alertsMax: configuration.alertsPerRuleMax
        ) { sample in
            context.setAlert(labels: sample.labels, value: sample.value, externalLabels: .empty)
            return context
        }
    }

    private func change(
        _ alert: String,
        _ kind: AlertEvent.Kind,
        detail: String,
        _ body: (inout RuleRun, LabelSet, Int64) -> Void
    ) -> Bool {
        let now = clock.millisecondsSinceEpoch
        return state.withLock { state in
            for index in state.runs.indices {
                guard let labels = state.runs[index].labels(of: alert),
                    let known = state.runs[index].alerts.first(where: { $0.alert.labels == labels })
                else { continue }
                body(&state.runs[index], labels, now)
                remember(AlertEvent(alert: known.id, at: now, kind: kind, detail: detail), &state.events)
                return true
            }
            return false
        }
    }

    private func note(_ transitions: [AlertMachine.Transition], of run: RuleRun, _ events: inout [AlertEvent]) {
        for transition in transitions {
            switch transition {
            case .pending: break
            case .fired(let alert):
                let known = run.processAlert(alert)
                remember(AlertEvent(alert: known.id, at: alert.firedAt ?? 0, kind: .fired), &events)
                log.warn("Alert triggered", fields(known))
            case .resolved(let alert):
                let known = run.processAlert(alert)
                remember(AlertEvent(alert: known.id, at: alert.resolvedAt ?? 0, kind: .resolved), &events)
                var fields = fields(known)
                let milliseconds = (alert.resolvedAt ?? 0) - (alert.firedAt ?? 0)
                fields.append("duration_seconds", .double(Double(milliseconds) / 1000))
                log.info("Alert resolved", fields)
            }
        }
    }

    private func fields(_ alert: ProcessAlert) -> LogFields {
        [
            "alert": .string(alert.id), "rule": .string(alert.rule), "severity": .string(alert.severity.rawValue),
            "value": .double(alert.alert.value),
        ]
    }

    private func remember(_ event: AlertEvent, _ events: inout [AlertEvent]) {
        if events.count >= max(1, configuration.historyMax) {
            events.removeFirst(max(1, configuration.historyMax / 4))
        }
        events.append(event)
    }

    private static func channels(of rule: AlertRule, _ channels: [String: ChannelRun]) -> [ChannelRun] {
        (rule.channels ?? channels.keys.sorted()).compactMap { channels[$0] }
    }

    private struct NoPatterns: PatternCompiler {
        func compile(_ text: String) throws(PatternError) -> any Pattern {
            throw PatternError(source: text, description: "regular expressions are not available inside of a service")
        }
    }
}

extension MetricFamily {
    /// The samples of the metrics that rules look at.
    fileprivate func samples(of wanted: [String: Int64]) -> [(labels: LabelSet, value: Double)] {
        let names = [name, name + "_sum", name + "_count", name + "_bucket"].filter { wanted[$0] != nil }
        guard !names.isEmpty else { return [] }
        return series.flatMap { series -> [(labels: LabelSet, value: Double)] in
            func sample(_ suffix: String, _ value: Double, _ label: String? = nil, _ text: String = "")
                -> (labels: LabelSet, value: Double)
            {
                var labels = series.labels.setting(Label.metricName, to: name + suffix)
                if let label { labels = labels.setting(label, to: text) }
                return (labels, value)
            }
            if let number = series.value.number { return [sample("", number)] }
            if case .histogram(let histogram) = series.value {
                let buckets = histogram.buckets.map {
                    sample("_bucket", Double($0.cumulativeCount), "le", FloatText.shortest($0.upperBound))
                }
                return buckets + [sample("_sum", histogram.sum), sample("_count", Double(histogram.count))]
            }
            if case .summary(let summary) = series.value {
                let quantiles = summary.quantiles.map {
                    sample("", $0.value, "quantile", FloatText.shortest($0.share))
                }
                return quantiles + [sample("_sum", summary.sum), sample("_count", Double(summary.count))]
            }
            return []
        }
    }
}
