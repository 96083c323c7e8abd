import MartletAlerting
import MartletCore
import MartletPromQL
import MartletSeries

/// Lets rules ask the query engine.
struct QueryAdapter: RuleQuerying {
    let engine: QueryEngine
    let source: any SeriesSource

    func instant(_ expression: String, at time: Int64) throws(RuleQueryError) -> [RuleSample] {
        do {
            switch try engine.instant(expression, at: time, from: source).value {
            case .vector(let elements):
                return elements.map { RuleSample(labels: $0.labels, value: $0.value) }
            case .scalar(let sample):
                return [RuleSample(labels: .empty, value: sample.value)]
            case .string, .matrix:
                throw RuleQueryError("the expression gives neither a vector nor a scalar: \(expression)")
            }
        } catch let error as RuleQueryError {
            throw error
        } catch let error as PromQLError {
            throw RuleQueryError(error.description)
        } catch {
            throw RuleQueryError(String(describing: error))
        }
    }
}
