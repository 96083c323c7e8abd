import MartletAlerting
import MartletConfiguration
import MartletCore
import MartletLogging
import MartletMetrics
import MartletPatterns
import MartletTestKit
import MartletYAML
import Synchronization
import Testing

/// Shows what a test sets: gauges by their name and labels.
final class ScriptedCollector: MetricCollector {
    let name = "script"
    private let values = Mutex<[LabelSet: Double]>([:])

    /// Sets a series such as `db_errors_total{reason="a"}`; `nil` takes it away.
    func set(_ metric: String, _ labels: LabelSet = .empty, to value: Double?) {
        values.withLock { $0[labels.setting(Label.metricName, to: metric)] = value }
    }

    func add(_ metric: String, _ labels: LabelSet = .empty, by value: Double) {
        values.withLock { $0[labels.setting(Label.metricName, to: metric), default: 0] += value }
    }

    func collect() -> [MetricFamily] {
        let values = values.withLock(\.self)
        return Dictionary(grouping: values) { $0.key.metricName ?? "" }.map { name, series in
            MetricFamily(
                name,
                metadata: MetricMetadata(type: .gauge),
                series: series.map { MetricSeries(labels: $0.key.removing([Label.metricName]), $0.value) }
            )
        }
    }
}

/// Keeps what it is told, fails as often as asked.
final class KeepingHandler: AlertNotificationHandler {
    private let list = Mutex<[AlertNotice]>([])
    private let failures: Mutex<Int>

    init(failures: Int = 0) { self.failures = Mutex(failures) }

    struct Refused: Error, CustomStringConvertible { let description = "refused" }

    /// What came, as `kind rule`.
    var texts: [String] { list.withLock { $0.map { "\($0.kind) \($0.rule)" } } }
    var notices: [AlertNotice] { list.withLock(\.self) }

    func send(_ notice: AlertNotice) throws {
        let fails = failures.withLock { count in
            count -= 1
            return count >= 0
        }
        if fails { throw Refused() }
        list.withLock { $0.append(notice) }
    }
}

/// A manager over scripted metrics with a clock that the test moves.
struct Scenario {
    let timer = ManualTimer(milliseconds: 1_800_000_000_000)
    let metrics = ScriptedCollector()
    let handler = KeepingHandler()
    let lines = Lines()
    let registry = MetricRegistry()
    let manager: AlertManager

    init(_ rules: [AlertRule], _ change: (inout AlertManager.Configuration) -> Void = { _ in }) throws {
        var configuration = AlertManager.Configuration()
        change(&configuration)
        registry.add(collector: metrics)
        manager = AlertManager(
            registry: registry,
            configuration: configuration,
            clock: timer,
            timer: timer,
            log: Logger("alerts", sink: lines, clock: timer)
        )
        manager.add(channel: "people", handler)
        for rule in rules {
            var rule = rule
            rule.channels = nil
            try manager.add(rule: rule)
        }
    }

    /// Lets time pass, ten seconds at a time; before each evaluation the closure changes the metrics.
    func pass(_ duration: Duration, step: Duration = .seconds(10), _ change: () -> Void = {}) {
        for _ in 0..<Int(duration / step) {
            change()
            manager.evaluate()
            timer.advance(by: step)
        }
    }

    /// The rules whose alerts fire.
    var firing: [String] { manager.allAlerts.filter { $0.state == .firing }.map(\.rule) }
}

/// Keeps log lines as `level message`.
final class Lines: LogSink {
    private let list = Mutex<[LogRecord]>([])
    var all: [LogRecord] { list.withLock(\.self) }
    func write(_ record: LogRecord) { list.withLock { $0.append(record) } }
}

/// Reads rules from YAML or JSON.
enum Loading {
    static func rules(
        _ text: String,
        section: String,
        channels: Set<String>? = nil,
        policies: Set<String>? = nil
    ) throws -> AlertRuleReader.Rules {
        let problems = ProblemCollector()
        let context = ReadingContext(file: "rules.yml", environment: nil, patterns: RE2Patterns(), problems: problems)
        let root = try #require(MappingReader(try YAMLParser.parse(text), context))
        let node = try #require(root.node(section))
        let reader = AlertRuleReader(context, knownChannels: channels, knownPolicies: policies)
        let rules = section == "alerts" ? reader.read(alerts: node) : reader.read(monitoring: node)
        try problems.throwIfErrors()
        return rules
    }

    static func problems(_ text: String, section: String = "alerts", channels: Set<String>? = nil) -> [String] {
        do {
            _ = try rules(text, section: section, channels: channels, policies: ["on_call"])
            return []
        } catch let error as ConfigurationError {
            return error.problems.map(\.description)
        } catch {
            return ["\(error)"]
        }
    }
}

/// Waits, in real time, until something holds; false after a minute.
func eventually(_ holds: () async -> Bool) async -> Bool {
    let start = ContinuousClock.now
    while await !holds() {
        if ContinuousClock.now - start > .seconds(60) { return false }
        try? await Task.sleep(for: .milliseconds(1))
    }
    return true
}
