import MartletCore
public import MartletLogging
public import MartletTracing

/// Runs a function of a WebAssembly module in a span, and logs how it went.
///
/// The span has the attributes `function`, `wasm.module`, `wasm.function`, `wasm.duration_ms` and `wasm.success`, and
/// `wasm.error` where it failed; the log lines have the ids of trace and span.
///
/// - Parameters:
///   - function: The function.
///   - module: The module.
///   - tracer: Who makes the span.
///   - log: Where it is told how it went.
///   - isolation: The actor that the work runs on: the caller's.
///   - body: The work; an error that it throws is recorded.
/// - Returns: What the work returns.
/// - Throws: What the work throws.
public func executeWithTracing<Result>(
    function: String,
    module: String,
    tracer: Tracer,
    log: Logger = .silent,
    isolation: isolated (any Actor)? = #isolation,
    _ body: (inout Span) async throws -> Result
) async rethrows -> Result {
    try await tracer.withSpan("execute_with_tracing") { span in
        span.setAttribute("function", function)
        span.setAttribute("wasm.module", module)
        span.setAttribute("wasm.function", function)
        let start = ContinuousClock.now
        do {
            let result = try await body(&span)
            let milliseconds = (ContinuousClock.now - start) / .milliseconds(1)
            span.setAttribute("wasm.duration_ms", milliseconds)
            span.setAttribute("wasm.success", true)
            let context = span.context
            log.log(
                .info,
                in: context,
                "WebAssembly function executed successfully",
                [
                    "function": LogValue(function), "duration_ms": LogValue(milliseconds),
                ]
            )
            return result
        } catch {
            let milliseconds = (ContinuousClock.now - start) / .milliseconds(1)
            span.setAttribute("wasm.duration_ms", milliseconds)
            span.setAttribute("wasm.success", false)
            span.setAttribute("wasm.error", "\(error)")
            let context = span.context
            log.log(
                .error,
                in: context,
                "WebAssembly function execution failed",
                [
                    "function": LogValue(function), "duration_ms": LogValue(milliseconds),
                    "error": LogValue("\(error)"),
                ]
            )
            throw error
        }
    }
}
