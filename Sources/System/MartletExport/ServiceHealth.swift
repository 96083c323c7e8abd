import MartletCore

/// How a service is, as `/health` tells it.
public struct ServiceHealth: Hashable, Sendable {
    /// The four states, from good to bad.
    public enum Status: String, CaseIterable, Sendable {
        /// All is well.
        case healthy
        /// It works, with less than all it has.
        case degraded
        /// It does not do what it is for.
        case unhealthy
        /// It is about to fail, or has.
        case critical
    }

    /// The state.
    public var status: Status

    /// What is the matter, or anything else a reader should know; by part of the service.
    public var details: [String: String]

    /// Creates a state.
    public init(_ status: Status, details: [String: String] = [:]) {
        self.status = status
        self.details = details
    }

    /// All is well, and there is nothing to say.
    public static let healthy = ServiceHealth(.healthy)

    /// 200 where the service works, 503 where it does not, so that a load balancer need not read JSON.
    var httpStatus: Int {
        switch status {
        case .healthy, .degraded: 200
        case .unhealthy, .critical: 503
        }
    }

    var json: [UInt8] {
        var writer = JSONWriter()
        writer.object {
            $0.member("status", status.rawValue)
            $0.member("details", texts: details)
        }
        return writer.bytes
    }
}
