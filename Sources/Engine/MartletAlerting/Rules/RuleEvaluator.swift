public import MartletCore
public import MartletLogging
public import MartletSeries

/// Evaluates rule groups: asks the query engine, moves alerts on, writes the results.
///
/// A rule that fails is recorded and stops no other.
public struct RuleEvaluator: Sendable {
    /// What one evaluation of a group gave.
    public struct Outcome: Sendable {
        /// The alerts that have to be handed on for notification.
        public var alerts: [Alert] = []

        /// What changed in the life of alerts, with the rule's name.
        public var transitions: [(rule: String, AlertMachine.Transition)] = []

        /// How many samples were stored.
        public var samplesAppended = 0

        /// How many samples the store refused.
        public var samplesRejected = 0

        /// How many rules failed.
        public var failures = 0
    }

    /// Labels of this server, added to alerts on their way out.
    public var externalLabels: LabelSet

    /// The address under which this server is reached from outside.
    public var externalURL: String

    /// How often an unchanged alert is handed on again.
    public var resendDelay: Duration

    private let query: any RuleQuerying
    private let sink: any SampleSink
    private let patterns: any PatternCompiler
    private let clock: any WallClock
    private let log: Logger

    /// Creates an evaluator.
    ///
    /// - Parameters:
    ///   - query: Evaluates expressions.
    ///   - sink: Takes the results.
    ///   - patterns: Compiles regular expressions of templates.
    ///   - externalLabels: Labels of this server.
    ///   - externalURL: The address under which this server is reached.
    ///   - resendDelay: How often an unchanged alert is handed on again.
    ///   - clock: Measures how long evaluations take.
    ///   - log: Where failures are told.
    public init(
        query: any RuleQuerying,
        sink: any SampleSink,
        patterns: any PatternCompiler,
        externalLabels: LabelSet = .empty,
        externalURL: String = "",
        resendDelay: Duration = .seconds(60),
        clock: any WallClock = SystemWallClock(),
        log: Logger = .silent
    ) {
        self.query = query
        self.sink = sink
        self.patterns = patterns
        self.externalLabels = externalLabels
        self.externalURL = externalURL
        self.resendDelay = resendDelay
        self.clock = clock
        self.log = log
    }

    /// Evaluates a group's rules in their order, each seeing what those before it stored.
    ///
    /// - Parameters:
    ///   - state: The group, which is brought up to date.
    ///   - time: The time of the evaluation, in milliseconds since the epoch.
    /// - Returns: What has to be told.
    public func evaluate(_ state: inout RuleGroupState, at time: Int64) -> Outcome {
        var outcome = Outcome()
        let start = clock.nanosecondsSinceEpoch
        let group = state.group
        let dataTime = time - group.queryOffset.wholeMilliseconds
        let stages = state.stages ?? RuleStages.runs(of: state.rules) { query.metricNames(in: $0) }
        state.stages = stages
        for stage in stages {
            let began = clock.nanosecondsSinceEpoch
            let answers = query.instant(stage.map { state.rules[$0].rule.expression }, at: dataTime)
            // The time of a run is shared out evenly: within it nobody knows whose it was.
            let share = (clock.nanosecondsSinceEpoch - began) / Int64(max(1, stage.count))
            for (index, answer) in zip(stage, answers) {
                evaluate(&state.rules[index], with: answer, taking: share, in: group, at: time, &outcome)
                state.ruleDurations.add(state.rules[index].evaluationTime / .seconds(1))
            }
        }
        if !state.abandonedSeries.isEmpty {
            markStale(state.abandonedSeries, at: time - group.queryOffset.wholeMilliseconds, &outcome)
            state.abandonedSeries = []
        }
        state.lastEvaluation = time
        state.evaluations += 1
        state.lastSamples = outcome.samplesAppended
        state.evaluationTime = .nanoseconds(max(0, clock.nanosecondsSinceEpoch - start))
        state.durations.add(state.evaluationTime / .seconds(1))
        return outcome
    }

    /// Marks everything stale that a group has written, because it is no longer evaluated.
    public func abandon(_ state: RuleGroupState, at time: Int64) {
        var outcome = Outcome()
        let series = state.rules.reduce(into: state.abandonedSeries) { $0.formUnion($1.series) }
        markStale(series, at: time - state.group.queryOffset.wholeMilliseconds, &outcome)
    }

    // MARK: - One rule

    private func evaluate(
        _ state: inout RuleState,
        with answer: Result<[RuleSample], RuleQueryError>,
        taking nanoseconds: Int64,
        in group: RuleGroup,
        at time: Int64,
        _ outcome: inout Outcome
    ) {
        let start = clock.nanosecondsSinceEpoch
        var failure: RuleError?
        do throws(RuleError) {
            let found = try Self.samples(of: answer)
            let samples: [IncomingSample]
            switch state.rule {
            case .alerting(let rule): samples = try alerts(of: rule, found, &state, in: group, at: time, &outcome)
            case .recording(let rule): samples = try series(of: rule, found, state, in: group, at: time)
            }
            try store(samples, of: &state, in: group, at: time, &outcome)
        } catch {
            failure = error
        }
        state.lastEvaluation = time
        state.evaluations += 1
        state.evaluationTime = .nanoseconds(max(0, nanoseconds + clock.nanosecondsSinceEpoch - start))
        state.health = failure == nil ? .ok : .error
        state.lastError = failure?.description
        guard let failure else { return }
        state.failures += 1
        outcome.failures += 1
        log.warn(
            "Rule evaluation failed",
            [
                "rule": .string(state.rule.name), "group": .string(group.name), "file": .string(group.file),
                "error": .string(failure.description),
            ]
        )
    }

    private func alerts(
        of rule: AlertingRule,
        _ found: [RuleSample],
        _ state: inout RuleState,
        in group: RuleGroup,
        at time: Int64,
        _ outcome: inout Outcome
    ) throws(RuleError) -> [IncomingSample] {
        let dataTime = time - group.queryOffset.wholeMilliseconds
        let elements = expand(found, of: state, at: time)
        takeUpAlerts(of: rule, elements, &state, at: time)
        let transitions = try state.machine.evaluate(
            elements,
            at: time,
            hold: rule.holdDuration.wholeMilliseconds,
            keep: rule.keepFiringFor.wholeMilliseconds,
            limit: group.limit
        )
        outcome.transitions += transitions.map { (rule.name, $0) }
        let link = externalURL + TemplateFunctions.tableLink(rule.expression)
        outcome.alerts += state.machine.takeAlertsToSend(
            at: time,
            resendDelay: resendDelay.wholeMilliseconds,
            interval: group.interval.wholeMilliseconds
        ).compactMap {
            Alert($0, at: time, externalLabels: externalLabels, generatorURL: link, delivery: rule.delivery)
        }
        let live = state.machine.alerts.values.filter { $0.state != .inactive }.sorted { $0.labels < $1.labels }
        let states = live.map { alert in
            let labels = alert.labels.setting(Label.metricName, to: "ALERTS")
                .setting("alertstate", to: alert.state.rawValue)
            return IncomingSample(labels: labels, timestamp: dataTime, value: 1)
        }
        let starts = live.map { alert in
            let labels = alert.labels.setting(Label.metricName, to: "ALERTS_FOR_STATE")
            // Whole seconds, as Prometheus stores them.
            return IncomingSample(labels: labels, timestamp: dataTime, value: Double(alert.activeAt / 1000))
        }
        return states + starts
    }

    /// The elements as alerts, with the rule's labels and annotations filled in.
    private func expand(_ samples: [RuleSample], of state: RuleState, at time: Int64) -> [AlertMachine.Element] {
        let query = query
        var context = TemplateContext(time: time, externalURL: externalURL, patterns: patterns) {
            text throws(RuleQueryError) in try query.instant(text, at: time)
        }
        let isConstant = state.labels.isConstant && state.annotations.isConstant
        return samples.map { sample in
            if !isConstant {
                context.setAlert(labels: sample.labels, value: sample.value, externalLabels: externalLabels)
            }
            let (labels, labelErrors) = state.labels.expand(context)
            let (annotations, annotationErrors) = state.annotations.expand(context)
            for error in labelErrors + annotationErrors {
                log.warn(
                    "Expanding alert template failed",
                    ["rule": .string(state.rule.name), "error": .string(error.description)]
                )
            }
            let own = labels.map { Label($0.name, $0.text) } + [Label("alertname", state.rule.name)]
            return AlertMachine.Element(
                labels: LabelSet(sample.labels.removing([Label.metricName]) + own),
                annotations: Dictionary(annotations.map { ($0.name, $0.text) }) { $1 },
                value: sample.value
            )
        }
    }

    private func series(
        of rule: RecordingRule,
        _ found: [RuleSample],
        _ state: RuleState,
        in group: RuleGroup,
        at time: Int64
    ) throws(RuleError) -> [IncomingSample] {
        let dataTime = time - group.queryOffset.wholeMilliseconds
        let own = state.allLabels.map { Label($0.key, $0.value) } + [Label(Label.metricName, rule.record)]
        let samples = found.map { sample in
            IncomingSample(
                labels: LabelSet(Array(sample.labels) + own),
                timestamp: dataTime,
                value: sample.value,
                histogram: sample.histogram
            )
        }
        guard Set(samples.map(\.labels)).count == samples.count else { throw .duplicateLabels(isAlerting: false) }
        guard group.limit == 0 || samples.count <= group.limit else {
            throw .limitExceeded(limit: group.limit, count: samples.count, isAlerting: false)
        }
        return samples
    }

    private static func samples(of answer: Result<[RuleSample], RuleQueryError>) throws(RuleError) -> [RuleSample] {
        switch answer {
        case .success(let samples): return samples
        case .failure(let error): throw .query(error.description)
        }
    }

    /// Lets alerts go on waiting where an earlier run of the server left them.
    private func takeUpAlerts(
        of rule: AlertingRule,
        _ elements: [AlertMachine.Element],
        _ state: inout RuleState,
        at time: Int64
    ) {
        let hold = rule.holdDuration.wholeMilliseconds
        guard hold > 0, state.evaluations < AlertMemory.evaluations else {
            state.memory = nil
            return
        }
        // Read before this evaluation writes anything itself.
        let memory = state.memory ?? AlertMemory(of: rule.name, from: query, at: time)
        state.memory = memory
        for element in elements {
            guard state.machine.alerts[element.labels] == nil,
                let activeAt = memory.activeAt(of: element.labels, at: time, hold: hold)
            else { continue }
            state.machine.restore(
                ActiveAlert(
                    labels: element.labels,
                    annotations: element.annotations,
                    state: .pending,
                    value: element.value,
                    activeAt: activeAt
                )
            )
        }
    }

    // MARK: - Storing

    /// Stores a rule's samples, and a stale marker for each series that it no longer gives.
    private func store(
        _ samples: [IncomingSample],
        of state: inout RuleState,
        in group: RuleGroup,
        at time: Int64,
        _ outcome: inout Outcome
    ) throws(RuleError) {
        let dataTime = time - group.queryOffset.wholeMilliseconds
        // A rule mostly gives the same series again; then nothing has vanished.
        let isSame = samples.count == state.series.count && samples.allSatisfy { state.series.contains($0.labels) }
        let current = isSame ? state.series : Set(samples.map(\.labels))
        let vanished = isSame ? [] : state.series.subtracting(current).sorted()
        let batch =
            samples + vanished.map { IncomingSample(labels: $0, timestamp: dataTime, value: StaleMarker.value) }
        guard !batch.isEmpty else { return }
        do throws(SeriesError) {
            let result = try sink.append(batch)
            state.series = current
            note(result, ["rule": .string(state.rule.name), "group": .string(group.name)], &outcome)
        } catch {
            throw .storage("cannot store the rule's result: \(error.description)")
        }
    }

    private func markStale(_ series: Set<LabelSet>, at time: Int64, _ outcome: inout Outcome) {
        guard !series.isEmpty else { return }
        do throws(SeriesError) {
            let batch = series.sorted().map { IncomingSample(labels: $0, timestamp: time, value: StaleMarker.value) }
            note(try sink.append(batch), [:], &outcome)
        } catch {
            log.warn("Marking series of removed rules stale failed", ["error": .string(error.description)])
        }
    }

    private func note(_ result: AppendResult, _ fields: LogFields, _ outcome: inout Outcome) {
        outcome.samplesAppended += result.appended
        outcome.samplesRejected += result.rejections.count
        guard let first = result.rejections.first else { return }
        var fields = fields
        fields.append("rejected", LogValue(result.rejections.count))
        fields.append("reason", .string(first.reason.rawValue))
        log.warn("Samples of a rule were rejected", fields)
    }
}
