/// A store of keys and values; what ``DatabaseConnectivityCheck`` needs of it.
public protocol KeyValueProbing: Sendable {
    /// Writes a value.
    ///
    /// - Throws: When it can't be written.
    func set(_ key: String, to value: String) async throws

    /// Reads a value; `nil` where there is none.
    ///
    /// - Throws: When it can't be read.
    func get(_ key: String) async throws -> String?

    /// Deletes a value.
    ///
    /// - Throws: When it can't be deleted.
    func delete(_ key: String) async throws
}

/// Writes, reads and deletes a probe.
///
/// The probe's key is `health_check_key` below a prefix with a random number, and it is only written where nothing stands,
/// so that it can't meet a user's data.
public struct DatabaseConnectivityCheck<Store: KeyValueProbing>: HealthCheck {
    /// `database_connectivity`.
    public let name = "database_connectivity"

    /// Critical.
    public let isCritical = true

    /// A dependency.
    public let kind = HealthKind.dependency

    private let store: Store
    private let prefix: String
    private let random: @Sendable () -> UInt64
    private static var value: String { "health_check_value" }

    /// Creates the check of a store.
    ///
    /// - Parameters:
    ///   - store: The store.
    ///   - prefix: What all probes' keys begin with.
    ///   - random: Gives the number that tells probes apart.
    public init(
        _ store: Store,
        prefix: String = "martlet.health/",
        random: @escaping @Sendable () -> UInt64 = { UInt64.random(in: 0 ... .max) }
    ) {
        self.store = store
        self.prefix = prefix
        self.random = random
    }

    /// Looks; the probe is deleted whatever the reading gave.
    public func check() async -> HealthResult {
        var key: String?
        do {
            key = try await freeKey()
        } catch {
            return .critical("Cannot read from database", details: ["error": "\(String(describing: error))"])
        }
        guard let key else { return .unhealthy("Data integrity issue", details: ["error": "no key is free"]) }
        do {
            try await store.set(key, to: Self.value)
        } catch {
            // It may have been written although the answer was an error.
            try? await store.delete(key)
            return .critical("Cannot write to database", details: ["error": "\(String(describing: error))"])
        }
        let result = await read(key)
        do {
            try await store.delete(key)
            return result
        } catch {
            guard result.isHealthy else { return result }
            return .critical("Cannot write to database", details: ["error": "\(String(describing: error))"])
        }
    }

    private func read(_ key: String) async -> HealthResult {
        do {
            let found = try await store.get(key)
            return found == Self.value ? .healthy("Database is responsive") : .unhealthy("Data integrity issue")
        } catch {
            return .critical("Cannot read from database", details: ["error": "\(String(describing: error))"])
        }
    }

    private func freeKey() async throws -> String? {
        for _ in 0..<4 {
            let key = "\(prefix)\(String(random(), radix: 16))/health_check_key"
            if try await store.get(key) == nil { return key }
        }
        return nil
    }
}
