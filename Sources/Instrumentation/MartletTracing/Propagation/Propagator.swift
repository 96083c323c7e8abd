import MartletCore

/// Writes what travels between processes into headers, and reads it there.
public protocol Propagator: Sendable {
    /// The headers that are written.
    var fields: [String] { get }

    /// Writes what is there.
    ///
    /// - Parameters:
    ///   - context: What travels.
    ///   - set: Sets a header, any other of the name replaced.
    func inject(_ context: CarriedContext, _ set: (_ name: String, _ value: String) -> Void)

    /// Reads what is there; what can't be read changes nothing.
    ///
    /// - Parameters:
    ///   - context: What was read before.
    ///   - get: All values of a header, by its name in lower case.
    func extract(into context: inout CarriedContext, _ get: (_ name: String) -> [String])
}

extension CarriedContext {
    /// Reads what is there from headers, by name in any case.
    ///
    /// - Parameters:
    ///   - headers: Names and values; a name may come more than once.
    ///   - propagator: How they are written.
    /// - Returns: What was there.
    public static func extract(
        from headers: some Sequence<(String, String)>,
        _ propagator: any Propagator = CompositePropagator.standard
    ) -> CarriedContext {
        var values: [String: [String]] = [:]
        for (name, value) in headers { values[name.lowercased(), default: []].append(value) }
        var context = CarriedContext()
        propagator.extract(into: &context) { values[$0] ?? [] }
        return context
    }

    /// Reads what is there from headers, by name in any case.
    ///
    /// - Parameters:
    ///   - headers: Values by name.
    ///   - propagator: How they are written.
    /// - Returns: What was there.
    public static func extract(
        from headers: [String: String],
        _ propagator: any Propagator = CompositePropagator.standard
    ) -> CarriedContext {
        extract(from: headers.map { ($0.key, $0.value) }, propagator)
    }

    /// Writes what travels into headers.
    ///
    /// - Parameters:
    ///   - headers: Values by name.
    ///   - propagator: How they are written.
    public func inject(
        into headers: inout [String: String],
        _ propagator: any Propagator = CompositePropagator.standard
    ) {
        var all = headers
        propagator.inject(self) { all[$0] = $1 }
        headers = all
    }
}
