/// A component with its parts, and how they are together.
///
/// A component's own checks count in full for it. To those above it, a part's critical checks count in full and its
/// others as degraded at most, as for the whole system.
public struct HealthComponent: Sendable, Hashable {
    /// The component's name, the last word of its path; empty for the system.
    public let name: String

    /// The path from the system to it, such as `shop/cart`.
    public let path: String

    /// How the component and all its parts are.
    public let status: HealthStatus

    /// The checks of the component itself.
    public let checks: [HealthRecord]

    /// The parts, by name.
    public let parts: [HealthComponent]

    init(_ report: HealthReport) {
        self.init(
            path: "",
            report.checks.map { ($0.component.split(separator: "/", maxSplits: 15)[...], $0) },
            mode: report.mode
        )
    }

    private init(
        path: String,
        _ entries: [(rest: ArraySlice<Substring>, record: HealthRecord)],
        mode: HealthReport.Mode
    ) {
        let own = entries.filter(\.rest.isEmpty).map(\.record)
        let below = entries.filter { !$0.rest.isEmpty }
        let groups = Dictionary(grouping: below) { $0.rest.first.map(String.init) ?? "" }
        self.path = path
        name = path.split(separator: "/").last.map(String.init) ?? ""
        checks = own
        parts = groups.sorted { $0.key < $1.key }.map { name, entries in
            HealthComponent(
                path: path.isEmpty ? name : "\(path)/\(name)",
                entries.map { ($0.rest.dropFirst(), $0.record) },
                mode: mode
            )
        }
        // The system has no checks that count in full: it is what the report says.
        let ownStatus = path.isEmpty ? mode.overall(own) : own.map(\.status).max() ?? .healthy
        status = max(ownStatus, mode.overall(below.map(\.record)))
    }

    /// The component at a path below this one, or `nil`.
    public subscript(path: String) -> HealthComponent? {
        path.split(separator: "/").reduce(Optional(self)) { node, name in node?.parts.first { $0.name == name } }
    }
}
