/// A handle that a registry can be told to show before its first use; only the library conforms to it.
public protocol DeclaredMetric: ~Copyable {
    /// Registers the metric unless it is registered; one that can't be counts nothing and is listed as a problem.
    func declare(in registry: MetricRegistry)

    /// Registers the metric, or says why it can't be.
    ///
    /// - Parameter registry: Where, unless the handle names another.
    /// - Throws: ``MetricRegistryError`` for a declaration that is not allowed or contradicts an earlier one.
    func register(in registry: MetricRegistry) throws(MetricRegistryError)
}

extension MetricRegistry {
    /// Registers a metric now rather than at its first use, so that it is shown at 0 from the start.
    public func declare(_ metric: borrowing some DeclaredMetric & ~Copyable) {
        metric.declare(in: self)
    }

    /// Registers metrics now rather than at their first use.
    public func declare(
        _ first: borrowing some DeclaredMetric & ~Copyable,
        _ second: borrowing some DeclaredMetric & ~Copyable
    ) {
        first.declare(in: self)
        second.declare(in: self)
    }

    /// Registers metrics now rather than at their first use.
    public func declare(
        _ first: borrowing some DeclaredMetric & ~Copyable,
        _ second: borrowing some DeclaredMetric & ~Copyable,
        _ third: borrowing some DeclaredMetric & ~Copyable
    ) {
        declare(first, second)
        third.declare(in: self)
    }

    /// Registers metrics now rather than at their first use.
    public func declare(
        _ first: borrowing some DeclaredMetric & ~Copyable,
        _ second: borrowing some DeclaredMetric & ~Copyable,
        _ third: borrowing some DeclaredMetric & ~Copyable,
        _ fourth: borrowing some DeclaredMetric & ~Copyable
    ) {
        declare(first, second)
        declare(third, fourth)
    }

    /// Registers metrics now rather than at their first use.
    public func declare(
        _ first: borrowing some DeclaredMetric & ~Copyable,
        _ second: borrowing some DeclaredMetric & ~Copyable,
        _ third: borrowing some DeclaredMetric & ~Copyable,
        _ fourth: borrowing some DeclaredMetric & ~Copyable,
        _ fifth: borrowing some DeclaredMetric & ~Copyable
    ) {
        declare(first, second, third)
        declare(fourth, fifth)
    }

    /// Registers metrics now rather than at their first use.
    public func declare(
        _ first: borrowing some DeclaredMetric & ~Copyable,
        _ second: borrowing some DeclaredMetric & ~Copyable,
        _ third: borrowing some DeclaredMetric & ~Copyable,
        _ fourth: borrowing some DeclaredMetric & ~Copyable,
        _ fifth: borrowing some DeclaredMetric & ~Copyable,
        _ sixth: borrowing some DeclaredMetric & ~Copyable
    ) {
        declare(first, second, third)
        declare(fourth, fifth, sixth)
    }

    /// Registers a metric now, or says why it can't be; what is registered stays as it is.
    ///
    /// - Parameter metric: The handle.
    /// - Throws: ``MetricRegistryError``, with the places of both declarations where they contradict each other.
    public func register(_ metric: borrowing some DeclaredMetric & ~Copyable) throws(MetricRegistryError) {
        try metric.register(in: self)
    }
}
