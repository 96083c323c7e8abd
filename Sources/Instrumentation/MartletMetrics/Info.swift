public import MartletCore

/// Facts that do not change while the program runs, as the labels of a 1: its version, its build.
///
/// ```swift
/// let build = Info("shop_build_info", help: "What runs.", ["version": "1.4.2", "commit": "9d7236e"])
/// MetricRegistry.default.declare(build)
/// ```
///
/// There is nothing to record: it is shown from when a registry declares it.
public struct Info: Sendable {
    private let descriptor: MetricDescriptor
    private let registry: MetricRegistry?

    /// Describes facts.
    ///
    /// - Parameters:
    ///   - name: The name, which ends in `_info`.
    ///   - help: What the facts are about, one sentence.
    ///   - facts: The labels.
    ///   - registry: Where it is shown; `nil` for the registry that declares it.
    ///   - file: Where it is declared.
    ///   - line: Where it is declared.
    public init(
        _ name: String,
        help: String,
        _ facts: LabelSet,
        registry: MetricRegistry? = nil,
        file: StaticString = #fileID,
        line: UInt = #line
    ) {
        descriptor = MetricDescriptor(
            name: name,
            kind: .info,
            help: help,
            constantLabels: facts,
            site: DeclarationSite(file: "\(file)", line: line)
        )
        self.registry = registry
    }

    private func show(_ instrument: Instrument) {
        let series = Counter.Series(cell: instrument.onlyCell, control: instrument.control)
        if series.value == 0 { series.increment() }
    }
}

extension Info: DeclaredMetric {
    /// Shows the facts, unless they are shown; used by the registry.
    public func declare(in registry: MetricRegistry) {
        show((self.registry ?? registry).instrument(descriptor))
    }

    /// Shows the facts, or says why not; used by the registry.
    public func register(in registry: MetricRegistry) throws(MetricRegistryError) {
        show(try (self.registry ?? registry).find(descriptor))
    }
}
