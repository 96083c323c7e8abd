/// Looks at one thing and says how it is.
///
/// ```swift
/// struct QueueCheck: HealthCheck {
///     let name = "order_queue"
///     let isCritical = true
///     func check() async throws -> HealthResult {
///         let depth = await queue.depth
///         return depth < 1000 ? .healthy("\(depth) orders wait") : .failed("\(depth) orders wait")
///     }
/// }
/// ```
///
/// A check that throws is a failed check; one that takes longer than its timeout too. Neither harms another check.
public protocol HealthCheck: Sendable {
    /// The check's name, unique within its monitor, such as `database_connectivity`.
    var name: String { get }

    /// Whether the program cannot do its work when this fails; false unless said otherwise.
    var isCritical: Bool { get }

    /// What the check looks at; a component unless said otherwise.
    var kind: HealthKind { get }

    /// The component that the check belongs to, as a path such as `shop/cart`; empty for the system itself.
    var component: String { get }

    /// How often the check runs; `nil`, the default, for the monitor's interval.
    var interval: Duration? { get }

    /// How long a run may take; `nil`, the default, for the monitor's timeout.
    var timeout: Duration? { get }

    /// How many failures in a row it takes until the state changes; `nil`, the default, for the monitor's number.
    var statusThreshold: Int? { get }

    /// Whether the check blocks its thread, for a file or a socket; it then runs away from Swift's shared threads.
    var isBlocking: Bool { get }

    /// Looks.
    ///
    /// - Throws: Whatever goes wrong; its description becomes the result's message.
    func check() async throws -> HealthResult
}

extension HealthCheck {
    /// Not critical.
    public var isCritical: Bool { false }

    /// A component.
    public var kind: HealthKind { .component }

    /// The system itself.
    public var component: String { "" }

    /// The monitor's interval.
    public var interval: Duration? { nil }

    /// The monitor's timeout.
    public var timeout: Duration? { nil }

    /// The monitor's number.
    public var statusThreshold: Int? { nil }

    /// Does not block.
    public var isBlocking: Bool { false }
}
