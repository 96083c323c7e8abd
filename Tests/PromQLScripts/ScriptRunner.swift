import Foundation
import MartletCore
import MartletPatterns
package import MartletPromQL
import MartletSeries

/// Runs a test script, going on after a failure.
package struct ScriptRunner {
    package enum Outcome: Equatable {
        case passed
        case failed(String)
        case skipped(String)
    }

    package struct Verdict {
        package var line: Int
        package var query: String
        package var outcome: Outcome
    }

    package static let engine = QueryEngine(
        patterns: RE2Patterns(),
        options: .init(stepsMax: 1_000_000, features: .all)
    )

    let engine: QueryEngine
    private var source = MemorySource()

    init(engine: QueryEngine = ScriptRunner.engine) {
        self.engine = engine
    }

    package static func verdicts(_ script: String, engine: QueryEngine = ScriptRunner.engine) throws -> [Verdict] {
        var runner = ScriptRunner(engine: engine)
        return try runner.run(try ScriptParser(engine: ScriptRunner.engine).parse(script))
    }

    mutating func run(_ commands: [ScriptCommand]) throws -> [Verdict] {
        var verdicts: [Verdict] = []
        for command in commands {
            switch command {
            case .clear: source = MemorySource()
            case .load(let step, let series): load(step, series)
            case .evaluate(let evaluation):
                let outcome = judged(evaluation)
                verdicts.append(Verdict(line: evaluation.line, query: evaluation.query, outcome: outcome))
            }
        }
        return verdicts
    }

    private mutating func load(_ step: Int64, _ all: [ScriptSeries]) {
        // Of a series that one command defines twice the last definition counts.
        for series in Dictionary(all.map { ($0.labels, $0) }, uniquingKeysWith: { $1 }).values {
            for (index, value) in series.values.enumerated() {
                let time = Int64(index) * step
                let offset = index < series.startOffsets.count ? series.startOffsets[index] : nil
                let start = offset.map { time + $0 }
                switch value {
                case .missing: continue
                case .histogram(let histogram):
                    source.add(series.labels, time, histogram.sum, histogram: histogram, start: start)
                case .number(let number): source.add(series.labels, time, number, start: start)
                case .stale: source.add(series.labels, time, StaleMarker.value)
                }
            }
        }
    }

    private func judged(_ evaluation: ScriptEvaluation) -> Outcome {
        do throws(PromQLError) {
            let result = try evaluate(evaluation)
            let outcome = judge(result, evaluation)
            if outcome == .passed, let message = disagreement(result.value, evaluation) { return .failed(message) }
            if outcome == .passed, let message = judgedElsewhere(evaluation) { return .failed(message) }
            return outcome
        } catch {
            return judge(error, evaluation)
        }
    }

    /// What is wrong where the query, with its time fixed in its selectors, is asked at other times.
    private func judgedElsewhere(_ evaluation: ScriptEvaluation) -> String? {
        let time = evaluation.start
        guard evaluation.step == nil, let tree = try? engine.parse(evaluation.query),
            let fixed = tree.fixed(at: time), fixed.type == .vector
        else { return nil }
        let query = fixed.description
        for other in [-10 * time, 0, time / 5, 10 * time] where other != time {
            do throws(PromQLError) {
                var result = try engine.instant(query, at: other, from: source)
                // Places in messages are those of another text, and were judged already.
                result.warnings = []
                result.infos = []
                var expected = evaluation
                expected.expectations = evaluation.expectations.filter { expectation in
                    if case .ordered = expectation { true } else { false }
                }
                if case .failed(let message) = judge(result, expected) { return "as \(query) at \(other): \(message)" }
            } catch {
                return "as \(query) at \(other): \(error)"
            }
        }
        return nil
    }

    /// What is wrong where the instant query, asked again as a range query, has another value at its time.
    private func disagreement(_ value: QueryValue, _ evaluation: ScriptEvaluation) -> String? {
        let depends = ["start()", "end()", "step()", "range()"]
        guard evaluation.step == nil, !depends.contains(where: evaluation.query.contains) else { return nil }
        var expected: [LabelSet: ScriptValue] = [:]
        switch value {
        case .vector(let elements):
            for element in elements {
                expected[element.labels] = element.histogram.map { .histogram($0) } ?? .number(element.value)
            }
        case .scalar(let sample): expected[.empty] = .number(sample.value)
        case .matrix, .string: return nil
        }
        let time = evaluation.start
        do throws(PromQLError) {
            let result = try engine.range(
                evaluation.query,
                from: time - 60_000,
                through: time + 60_000,
                step: 60_000,
                from: source
            )
            guard case .matrix(let series) = result.value else { return "no matrix" }
            var found: [LabelSet: ScriptValue] = [:]
            for one in series {
                guard let place = one.timestamps.firstIndex(of: time) else { continue }
                found[one.labels] = Self.value(one, place)
            }
            guard Set(found.keys) == Set(expected.keys) else { return "as a range: \(found.keys)" }
            for (labels, value) in expected where !Self.isNear(value, found[labels] ?? .missing) {
                return "as a range: \(labels) is \(found[labels] ?? .missing), as an instant \(value)"
            }
            return nil
        } catch {
            // Another step of the range may have what fails, such as duplicate series.
            return nil
        }
    }

    private func evaluate(_ evaluation: ScriptEvaluation) throws(PromQLError) -> QueryResult {
        guard let step = evaluation.step else {
            return try engine.instant(evaluation.query, at: evaluation.start, from: source)
        }
        return try engine.range(
            evaluation.query,
            from: evaluation.start,
            through: evaluation.end,
            step: step,
            from: source
        )
    }

    private func judge(_ error: PromQLError, _ evaluation: ScriptEvaluation) -> Outcome {
        for case .fail(let message) in evaluation.expectations {
            if case .unsupported = error { return .failed("\(error)") }
            return Self.holds(message, [error.description]) ? .passed : .failed("failed differently: \(error)")
        }
        return .failed("\(error)")
    }

    private func judge(_ result: QueryResult, _ evaluation: ScriptEvaluation) -> Outcome {
        var isOrdered = false
        var range: (start: Int64, step: Int64)?
        for expectation in evaluation.expectations {
            switch expectation {
            case .fail: return .failed("expected to fail, got \(result.value)")
            case .warn(let message):
                if !Self.holds(message, result.warnings) { return .failed("warnings are \(result.warnings)") }
            case .info(let message):
                if !Self.holds(message, result.infos) { return .failed("infos are \(result.infos)") }
            case .noWarn: if !result.warnings.isEmpty { return .failed("warnings are \(result.warnings)") }
            case .noInfo: if !result.infos.isEmpty { return .failed("infos are \(result.infos)") }
            case .ordered: isOrdered = true
            case .string(let text):
                guard case .string(text, _) = result.value else { return .failed("got \(result.value)") }
                return .passed
            case .rangeVector(let start, let step): range = (start, step)
            }
        }
        return judge(result.value, evaluation, isOrdered: isOrdered, range: range)
    }

    private func judge(
        _ value: QueryValue,
        _ evaluation: ScriptEvaluation,
        isOrdered: Bool,
        range: (start: Int64, step: Int64)?
    ) -> Outcome {
        switch value {
        case .string: return .failed("got a string")
        case .scalar(let sample):
            guard let scalar = evaluation.scalar else { return .failed("got the scalar \(sample.value)") }
            return Self.isNear(sample.value, scalar) ? .passed : .failed("got \(sample.value), expected \(scalar)")
        case .vector(let elements):
            if evaluation.scalar != nil { return .failed("got a vector, expected a scalar") }
            if isOrdered, elements.map(\.labels) != evaluation.series.map(\.labels) {
                return .failed("order is \(elements.map(\.labels))")
            }
            let series = elements.map { element in
                Series(
                    labels: element.labels,
                    timestamps: [evaluation.start],
                    values: [element.value],
                    histograms: element.histogram.map { [$0] } ?? []
                )
            }
            return compare(series, evaluation.series, start: evaluation.start, step: 1)
        case .matrix(let series):
            let start = range?.start ?? evaluation.start
            return compare(series, evaluation.series, start: start, step: range?.step ?? evaluation.step ?? 1)
        }
    }

    private func compare(_ got: [Series], _ expected: [ScriptSeries], start: Int64, step: Int64) -> Outcome {
        let found = Dictionary(got.map { ($0.labels, $0) }, uniquingKeysWith: { first, _ in first })
        let wanted = expected.filter { $0.values.contains { $0 != .missing } }
        guard found.count == wanted.count else {
            return .failed("got \(got.count) series, expected \(wanted.count): \(got.map(\.labels))")
        }
        for series in wanted {
            guard let actual = found[series.labels] else {
                return .failed("no series \(series.labels) in \(got.map(\.labels))")
            }
            var points: [(Int64, ScriptValue)] = []
            for (index, value) in series.values.enumerated() where value != .missing && value != .stale {
                points.append((start + Int64(index) * step, value))
            }
            guard actual.timestamps == points.map(\.0) else {
                return .failed("\(series.labels) has times \(actual.timestamps), expected \(points.map(\.0))")
            }
            for (index, point) in points.enumerated() {
                let value = Self.value(actual, index)
                if Self.isNear(point.1, value) { continue }
                return .failed("\(series.labels) is \(Self.text(value)) at \(point.0), expected \(Self.text(point.1))")
            }
        }
        return .passed
    }

    private static func value(_ series: Series, _ index: Int) -> ScriptValue {
        if !series.histograms.isEmpty, let histogram = series.histograms[index] { return .histogram(histogram) }
        return .number(series.values[index])
    }

    private static func text(_ value: ScriptValue) -> String {
        guard case .histogram(let histogram) = value else { return "\(value)" }
        return
            "histogram schema \(histogram.schema) \(histogram.resetHint) count \(histogram.count) sum \(histogram.sum) "
            + "zero \(histogram.zeroThreshold):\(histogram.zeroCount) + \(histogram.positiveSpans.map { "\($0.offset)/\($0.length)" }) "
            + "\(histogram.positiveBuckets) - \(histogram.negativeSpans.map { "\($0.offset)/\($0.length)" }) \(histogram.negativeBuckets) "
            + "bounds \(histogram.customBounds)"
    }

    /// Whether a value is the expected one but for rounding.
    private static func isNear(_ expected: ScriptValue, _ value: ScriptValue) -> Bool {
        switch (expected, value) {
        case (.number(let one), .number(let other)): isNear(one, other)
        case (.histogram(let one), .histogram(let other)): one.isNear(other) { isNear($0, $1) }
        default: false
        }
    }

    package static func isNear(_ left: Double, _ right: Double) -> Bool {
        if left == right || (left.isNaN && right.isNaN) { return true }
        if left.isInfinite || right.isInfinite { return false }
        let difference = abs(left - right)
        if left == 0 || right == 0 { return difference < 1e-6 * .leastNormalMagnitude }
        return difference / min(abs(left) + abs(right), .greatestFiniteMagnitude) < 1e-6
    }

    private static func holds(_ message: ScriptEvaluation.Message, _ texts: [String]) -> Bool {
        switch message {
        case .any: !texts.isEmpty
        case .text(let text): texts.contains(text)
        case .pattern(let pattern): texts.contains { $0.range(of: pattern, options: .regularExpression) != nil }
        }
    }
}
