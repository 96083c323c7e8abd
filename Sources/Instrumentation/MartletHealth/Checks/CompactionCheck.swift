/// Looks at how far a store's compaction lags behind.
public struct CompactionCheck: HealthCheck {
    /// How a store's compaction is.
    public struct Reading: Sendable, Hashable {
        /// Bytes that wait for compaction.
        public var pendingBytes: UInt64

        /// Why the last compaction failed; `nil` when it did not.
        public var failure: String?

        /// Whether writes wait for compaction.
        public var isStalled: Bool

        /// Creates a reading.
        public init(pendingBytes: UInt64 = 0, failure: String? = nil, isStalled: Bool = false) {
            self.pendingBytes = pendingBytes
            self.failure = failure
            self.isStalled = isStalled
        }
    }

    /// `compaction_status`.
    public let name = "compaction_status"

    /// A dependency.
    public let kind = HealthKind.dependency

    private let pendingBytesMax: UInt64
    private let read: @Sendable () async throws -> Reading

    /// Creates the check.
    ///
    /// - Parameters:
    ///   - pendingMebibytesMax: Above this the state is degraded; 64 GiB unless said otherwise, which is where stores of
    ///     this kind begin to slow writes down.
    ///   - read: Asks the store.
    public init(pendingMebibytesMax: UInt64 = 65_536, _ read: @escaping @Sendable () async throws -> Reading) {
        pendingBytesMax = pendingMebibytesMax << 20
        self.read = read
    }

    /// Looks.
    ///
    /// - Throws: What the store throws.
    public func check() async throws -> HealthResult {
        let reading = try await read()
        let details: [String: HealthValue] = ["pending_bytes": .integer(Int64(clamping: reading.pendingBytes))]
        if let failure = reading.failure { return .unhealthy("Compaction failed: \(failure)", details: details) }
        if reading.isStalled { return .unhealthy("Writes wait for compaction", details: details) }
        if reading.pendingBytes > pendingBytesMax { return .degraded("Compaction lags behind", details: details) }
        return .healthy("Compaction keeps up", details: details)
    }
}
