import MartletCore
public import MartletTracing

/// The spans of a component in a host: what it asks of the host, the messages it handles, its storage and its life.
///
/// Each is a part of the span that the caller is in, so that one trace shows an operation through all components.
/// Storage operations are many and short; their spans are off until they are asked for.
///
/// ```swift
/// let spans = ComponentTracing("orders", tracer: tracer, configuration: .init(enableOperationTracing: true))
/// try await spans.message("OrderPlaced") {
///     let stored = try await spans.storage(.get) { try await store.get(key) }
///     try await spans.hostCall("fs.write") { try await host.write(stored) }
/// }
/// ```
public struct ComponentTracing: Sendable {
    /// What storage is asked to do.
    public enum StorageOperation: String, CaseIterable, Sendable {
        /// Reading a value.
        case get
        /// Writing a value.
        case set
        /// Removing a value.
        case delete
        /// Reading many values.
        case scan

        var span: StaticString {
            switch self {
            case .get: "storage_get"
            case .set: "storage_set"
            case .delete: "storage_delete"
            case .scan: "storage_scan"
            }
        }
    }

    /// What becomes of a component.
    public enum LifecycleStep: String, CaseIterable, Sendable {
        /// It is put in.
        case install
        /// It begins to work.
        case start
        /// It ends its work.
        case stop
        /// It is taken out.
        case uninstall

        var span: StaticString {
            switch self {
            case .install: "component_install"
            case .start: "component_start"
            case .stop: "component_stop"
            case .uninstall: "component_uninstall"
            }
        }
    }

    /// The component's name, the attribute `component` of every span.
    public let component: String

    /// Whether storage operations have spans (`enable_operation_tracing`).
    public let tracesStorage: Bool

    private let tracer: Tracer

    /// Creates the spans' maker.
    ///
    /// - Parameters:
    ///   - component: The component's name.
    ///   - tracer: Who makes the spans.
    ///   - tracesStorage: Whether storage operations have spans; off unless asked for.
    public init(_ component: String, tracer: Tracer, tracesStorage: Bool = false) {
        self.component = component
        self.tracer = tracer
        self.tracesStorage = tracesStorage
    }

    /// Runs a call of a function that the host offers, such as of its files or its network.
    ///
    /// - Parameters:
    ///   - function: The host's function, the attribute `host.function`.
    ///   - isolation: The actor that the call runs on: the caller's.
    ///   - body: The call; an error that it throws is recorded.
    /// - Returns: What the call returns.
    /// - Throws: What the call throws.
    public func hostCall<Result>(
        _ function: String,
        isolation: isolated (any Actor)? = #isolation,
        _ body: () async throws -> Result
    ) async rethrows -> Result {
        try await run("host_call", .client, "host.function", function, body)
    }

    /// Handles a message.
    ///
    /// - Parameters:
    ///   - type: What kind of message it is, the attribute `message.type`.
    ///   - isolation: The actor that handles it: the caller's.
    ///   - body: The handling; an error that it throws is recorded.
    /// - Returns: What the handling returns.
    /// - Throws: What the handling throws.
    public func message<Result>(
        _ type: String,
        isolation: isolated (any Actor)? = #isolation,
        _ body: () async throws -> Result
    ) async rethrows -> Result {
        try await run("handle_message", .consumer, "message.type", type, body)
    }

    /// Runs a storage operation, in a span where these are asked for.
    ///
    /// - Parameters:
    ///   - operation: What is done.
    ///   - isolation: The actor that it runs on: the caller's.
    ///   - body: The operation; an error that it throws is recorded.
    /// - Returns: What the operation returns.
    /// - Throws: What the operation throws.
    public func storage<Result>(
        _ operation: StorageOperation,
        isolation: isolated (any Actor)? = #isolation,
        _ body: () async throws -> Result
    ) async rethrows -> Result {
        guard tracesStorage else { return try await body() }
        return try await run(operation.span, .internal, "storage.operation", operation.rawValue, body)
    }

    /// Runs a step of the component's life.
    ///
    /// - Parameters:
    ///   - step: What becomes of it.
    ///   - isolation: The actor that it runs on: the caller's.
    ///   - body: The step; an error that it throws is recorded.
    /// - Returns: What the step returns.
    /// - Throws: What the step throws.
    public func lifecycle<Result>(
        _ step: LifecycleStep,
        isolation: isolated (any Actor)? = #isolation,
        _ body: () async throws -> Result
    ) async rethrows -> Result {
        try await run(step.span, .internal, "lifecycle.step", step.rawValue, body)
    }

    private func run<Result>(
        _ name: StaticString,
        _ kind: SpanKind,
        _ key: StaticString,
        _ value: String,
        isolation: isolated (any Actor)? = #isolation,
        _ body: () async throws -> Result
    ) async rethrows -> Result {
        try await tracer.withSpan(name, kind: kind) { span in
            span.setAttribute("component", component)
            span.setAttribute(key, value)
            return try await body()
        }
    }
}
