public import MartletTracing

extension ComponentTracing {
    /// What of a component is traced beside its calls, messages and life.
    ///
    /// Written and read by its keys wherever a service keeps its configuration; ``description`` is the same as lines of
    /// YAML, which a service may print to show what it runs with.
    ///
    /// ```swift
    /// print(ComponentTracing.Configuration())  // enable_operation_tracing: false
    /// ```
    public struct Configuration: Hashable, Sendable, Codable, CustomStringConvertible {
        /// Whether storage operations have spans (`enable_operation_tracing`, default false).
        ///
        /// They are many and short: on, each `get` of a store costs a span.
        public var enableOperationTracing: Bool

        private enum CodingKeys: String, CodingKey {
            case enableOperationTracing = "enable_operation_tracing"
        }

        /// Creates a configuration; the defaults are those of a service that says nothing.
        public init(enableOperationTracing: Bool = false) {
            self.enableOperationTracing = enableOperationTracing
        }

        /// Reads the keys that are there; the others keep their defaults.
        public init(from decoder: any Decoder) throws {
            let keys = try decoder.container(keyedBy: CodingKeys.self)
            self.init()
            let isOn = try keys.decodeIfPresent(Bool.self, forKey: .enableOperationTracing)
            enableOperationTracing = isOn ?? enableOperationTracing
        }

        /// All keys with their values, one a line, as YAML.
        public var description: String {
            "\(CodingKeys.enableOperationTracing.rawValue): \(enableOperationTracing)"
        }
    }

    /// Creates the spans' maker as a configuration says.
    ///
    /// - Parameters:
    ///   - component: The component's name.
    ///   - tracer: Who makes the spans.
    ///   - configuration: What is traced.
    public init(_ component: String, tracer: Tracer, configuration: Configuration) {
        self.init(component, tracer: tracer, tracesStorage: configuration.enableOperationTracing)
    }
}
