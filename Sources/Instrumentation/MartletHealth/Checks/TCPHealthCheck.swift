import MartletCore

/// Connects to a TCP port: whether a database, a cache or another service is there at all.
public struct TCPHealthCheck: HealthCheck {
    /// The check's name.
    public let name: String

    /// Whether the program cannot do its work without it.
    public let isCritical: Bool

    /// A dependency.
    public let kind = HealthKind.dependency

    /// The component that the check belongs to.
    public let component: String

    /// How often the check runs.
    public let interval: Duration?

    /// How long a run may take.
    public let timeout: Duration?

    /// Names are resolved and connections made by blocking calls.
    public let isBlocking = true

    private let host: String
    private let port: UInt16

    /// Creates the check.
    ///
    /// - Parameters:
    ///   - name: The check's name.
    ///   - host: A name or an address.
    ///   - port: The port.
    ///   - isCritical: Whether the program cannot do its work without it.
    ///   - component: The component that the check belongs to.
    ///   - interval: How often the check runs; `nil` for the monitor's interval.
    ///   - timeout: How long a run may take; `nil` for the monitor's timeout.
    public init(
        _ name: String,
        host: String,
        port: UInt16,
        isCritical: Bool = false,
        component: String = "",
        interval: Duration? = nil,
        timeout: Duration? = nil
    ) {
        self.name = name
        self.host = host
        self.port = port
        self.isCritical = isCritical
        self.component = component
        self.interval = interval
        self.timeout = timeout
    }

    /// Looks.
    public func check() -> HealthResult {
        let milliseconds = (timeout ?? .seconds(5)).wholeNanoseconds / 1_000_000
        let failure = Platform.connectionFailure(host: host, port: port, timeout: Int32(clamping: milliseconds))
        if let failure { return .unhealthy("cannot connect to \(host):\(port): \(failure)") }
        return .healthy("\(host):\(port) accepts connections")
    }
}
