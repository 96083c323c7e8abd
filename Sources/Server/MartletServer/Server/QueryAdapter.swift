import Dispatch
import MartletAlerting
import MartletCore
import MartletPromQL
import MartletSeries
import Synchronization

/// Lets rules ask the query engine.
struct QueryAdapter: RuleQuerying {
    let engine: QueryEngine
    let source: any SeriesSource

    /// How many threads evaluate the rules of one group at a time.
    private static let threadsMax = 4

    func instant(_ expression: String, at time: Int64) throws(RuleQueryError) -> [RuleSample] {
        try instant(expression, at: time, from: source)
    }

    private func instant(
        _ expression: String,
        at time: Int64,
        from source: any SeriesSource
    ) throws(RuleQueryError) -> [RuleSample] {
        do throws(PromQLError) {
            switch try engine.instant(expression, at: time, from: source).value {
            case .vector(let elements):
                return elements.map {
                    RuleSample(labels: $0.labels, value: $0.value, histogram: $0.histogram)
                }
            case .scalar(let sample):
                return [RuleSample(labels: .empty, value: sample.value)]
            case .string, .matrix: break
            }
        } catch {
            throw RuleQueryError(error.description)
        }
        throw RuleQueryError("rule result is not a vector or scalar")
    }

    func instant(_ expressions: [String], at time: Int64) -> [Result<[RuleSample], RuleQueryError>] {
        // Expressions of one batch depend on none of the others, so that what they read alike need be read only once.
        let shared: any SeriesSource = expressions.count > 1 ? SharedReads(source) : source
        let answer: @Sendable (String) -> Result<[RuleSample], RuleQueryError> = { expression in
            do throws(RuleQueryError) {
                return .success(try instant(expression, at: time, from: shared))
            } catch {
                return .failure(error)
            }
        }
        guard expressions.count > 1 else { return expressions.map(answer) }
        let answers = Mutex([Result<[RuleSample], RuleQueryError>](repeating: .success([]), count: expressions.count))
        let next = Atomic(0)
        let threads = min(Self.threadsMax, expressions.count, Machine.processors)
        // Each thread takes the next expression until none is left; relaxed, because only the number matters.
        DispatchQueue.concurrentPerform(iterations: threads) { _ in
            while true {
                let index = next.add(1, ordering: .relaxed).oldValue
                guard index < expressions.count else { return }
                let result = answer(expressions[index])
                answers.withLock { $0[index] = result }
            }
        }
        return answers.withLock { $0 }
    }

    func metricNames(in expression: String) -> Set<String>? {
        guard let selectors = try? engine.parse(expression).selectors else { return nil }
        var names: Set<String> = []
        for matchers in selectors {
            guard let name = matchers.first(where: { $0.name == Label.metricName && $0.operation == .equal }) else {
                return nil
            }
            names.insert(name.value)
        }
        return names
    }

    func newest(
        _ labels: LabelSet,
        through time: Int64,
        notOlderThan age: Int64
    ) throws(RuleQueryError) -> [(labels: LabelSet, sample: Sample)] {
        let matchers = labels.map { LabelMatcher($0.name, .equal, $0.value) }
        do throws(SeriesError) {
            return try source.select(matchers, in: (time - age)...time, limit: SelectionLimit()).compactMap { series in
                guard let last = series.values.lastIndex(where: { !StaleMarker.isStale($0) }) else { return nil }
                return (series.labels, Sample(timestamp: series.timestamps[last], value: series.values[last]))
            }
        } catch {
            throw RuleQueryError(error.description)
        }
    }
}
