/// A function's name and the types that it takes and gives.
public struct FunctionSignature: Hashable, Sendable {
    /// How many arguments may follow the last one declared.
    public enum Repetition: Hashable, Sendable {
        /// The arguments are exactly those declared.
        case none
        /// The last argument may be missing or be given up to so many times.
        case upTo(Int)
        /// The last argument may be missing or be given any number of times.
        case unlimited
    }

    /// The function's name.
    public let name: String

    /// The types of the arguments.
    public let arguments: [ValueType]

    /// What may follow the arguments.
    public let repetition: Repetition

    /// The type of the result.
    public let result: ValueType

    /// Whether Prometheus keeps the function behind a feature flag.
    public let isExperimental: Bool

    /// All functions by name.
    public static let all: [String: FunctionSignature] = Dictionary(
        uniqueKeysWithValues: groups.flatMap { group in
            group.names.split(separator: " ").map { name in
                let signature = FunctionSignature(
                    name: String(name),
                    arguments: group.arguments,
                    repetition: group.repetition,
                    result: group.result,
                    isExperimental: group.isExperimental
                )
                return (signature.name, signature)
            }
        }
    )

    private struct Group {
        var arguments: [ValueType]
        var result = ValueType.vector
        var repetition = Repetition.none
        var isExperimental = false
        var names: String
    }

    private static let groups: [Group] = [
        Group(
            arguments: [.vector],
            names: """
                abs absent acos acosh asin asinh atan atanh ceil cos cosh deg exp floor histogram_avg \
                histogram_count histogram_stddev histogram_stdvar histogram_sum ln log10 log2 rad sgn sin \
                sinh sort sort_desc sqrt tan tanh timestamp
                """
        ),
        Group(
            arguments: [.matrix],
            names: """
                absent_over_time avg_over_time changes count_over_time delta deriv idelta increase irate \
                last_over_time max_over_time min_over_time present_over_time rate resets stddev_over_time \
                stdvar_over_time sum_over_time
                """
        ),
        Group(
            arguments: [.vector, .scalar, .scalar],
            names: "clamp"
        ),
        Group(
            arguments: [.vector, .scalar],
            names: "clamp_max clamp_min"
        ),
        Group(
            arguments: [.vector],
            repetition: .upTo(1),
            names: "day_of_month day_of_week day_of_year days_in_month hour minute month year"
        ),
        Group(
            arguments: [.matrix, .scalar, .scalar],
            isExperimental: true,
            names: "double_exponential_smoothing holt_winters"
        ),
        Group(
            arguments: [],
            result: .scalar,
            isExperimental: true,
            names: "end range start step"
        ),
        Group(
            arguments: [.matrix],
            isExperimental: true,
            names: """
                first_over_time mad_over_time ts_of_first_over_time ts_of_last_over_time \
                ts_of_max_over_time ts_of_min_over_time
                """
        ),
        Group(
            arguments: [.scalar, .scalar, .vector],
            names: "histogram_fraction"
        ),
        Group(
            arguments: [.scalar, .vector],
            names: "histogram_quantile"
        ),
        Group(
            arguments: [.vector, .string, .scalar, .scalar],
            repetition: .upTo(9),
            isExperimental: true,
            names: "histogram_quantiles"
        ),
        Group(
            arguments: [.vector, .vector],
            repetition: .upTo(1),
            isExperimental: true,
            names: "info"
        ),
        Group(
            arguments: [.matrix, .scalar],
            repetition: .upTo(1),
            isExperimental: true,
            names: "integral"
        ),
        Group(
            arguments: [.vector, .string, .string, .string],
            repetition: .unlimited,
            names: "label_join"
        ),
        Group(
            arguments: [.vector, .string, .string, .string, .string],
            names: "label_replace"
        ),
        Group(
            arguments: [.scalar, .scalar],
            result: .scalar,
            isExperimental: true,
            names: "max_of min_of"
        ),
        Group(
            arguments: [],
            result: .scalar,
            names: "pi time"
        ),
        Group(
            arguments: [.matrix, .scalar],
            names: "predict_linear"
        ),
        Group(
            arguments: [.scalar, .matrix],
            names: "quantile_over_time"
        ),
        Group(
            arguments: [.vector, .scalar],
            repetition: .upTo(1),
            names: "round"
        ),
        Group(
            arguments: [.vector],
            result: .scalar,
            names: "scalar"
        ),
        Group(
            arguments: [.vector],
            isExperimental: true,
            names: "start_timestamp"
        ),
        Group(
            arguments: [.vector, .string],
            repetition: .unlimited,
            isExperimental: true,
            names: "sort_by_label sort_by_label_desc"
        ),
        Group(
            arguments: [.scalar],
            names: "vector"
        ),
    ]
}
