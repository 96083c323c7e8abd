/// W3C's header `baggage`.
public struct BaggagePropagator: Propagator {
    /// Creates a propagator.
    public init() {}

    /// The header that is written.
    public var fields: [String] { ["baggage"] }

    /// Writes the baggage, where there is any.
    public func inject(_ context: CarriedContext, _ set: (_ name: String, _ value: String) -> Void) {
        let header = context.baggage.description
        if !header.isEmpty { set("baggage", header) }
    }

    /// Reads the baggage.
    public func extract(into context: inout CarriedContext, _ get: (_ name: String) -> [String]) {
        let baggage = Baggage(get("baggage").joined(separator: ","))
        if !baggage.isEmpty { context.baggage = baggage }
    }
}
