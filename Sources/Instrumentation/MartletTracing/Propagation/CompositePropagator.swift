/// Several ways to write headers, all of them used; of those that read a span, the last one that finds any counts.
public struct CompositePropagator: Propagator {
    /// The ways.
    public var propagators: [any Propagator]

    /// Creates a propagator.
    public init(_ propagators: [any Propagator]) {
        self.propagators = propagators
    }

    /// W3C's headers: `traceparent`, `tracestate` and `baggage`.
    public static let standard = CompositePropagator([TraceContextPropagator(), BaggagePropagator()])

    /// Reads a list as in `OTEL_PROPAGATORS`: `tracecontext`, `baggage`, `b3`, `b3multi`, `jaeger`, `none`.
    ///
    /// - Parameter list: Names parted by commas.
    /// - Returns: The propagator, and the names that are not known.
    public static func parse(_ list: String) -> (propagator: CompositePropagator, unknown: [String]) {
        var propagators: [any Propagator] = []
        var unknown: [String] = []
        var seen: Set<String> = []
        for part in list.split(separator: ",") {
            let name = String(part.drop { $0 == " " }.prefix { $0 != " " })
            guard seen.insert(name).inserted else { continue }
            switch name {
            case "tracecontext": propagators.append(TraceContextPropagator())
            case "baggage": propagators.append(BaggagePropagator())
            case "b3": propagators.append(B3Propagator(.single))
            case "b3multi": propagators.append(B3Propagator(.multiple))
            case "jaeger": propagators.append(JaegerPropagator())
            case "none", "": break
            default: unknown.append(name)
            }
        }
        return (CompositePropagator(propagators), unknown)
    }

    /// The headers that are written.
    public var fields: [String] { propagators.flatMap(\.fields) }

    /// Writes what is there, in every way.
    public func inject(_ context: CarriedContext, _ set: (_ name: String, _ value: String) -> Void) {
        for propagator in propagators { propagator.inject(context, set) }
    }

    /// Reads what is there, in every way.
    public func extract(into context: inout CarriedContext, _ get: (_ name: String) -> [String]) {
        for propagator in propagators { propagator.extract(into: &context, get) }
    }
}
