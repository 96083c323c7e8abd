/// A pool of sandboxes that run foreign code; what ``SandboxHealthCheck`` needs of it.
public protocol SandboxPool: Sendable {
    /// A sandbox of the pool.
    associatedtype Sandbox: Sendable

    /// Takes a sandbox out of the pool.
    ///
    /// - Throws: When none can be had.
    func acquire() async throws -> Sandbox

    /// Runs a function of the sandbox's code.
    ///
    /// - Throws: When the call fails.
    func call(_ function: String, in sandbox: Sandbox) async throws

    /// Gives a sandbox back.
    func release(_ sandbox: Sandbox) async
}

/// Takes a sandbox out of its pool, calls `health_check` in it and gives it back.
public struct SandboxHealthCheck<Pool: SandboxPool>: HealthCheck {
    /// `sandbox_pool`.
    public let name = "sandbox_pool"

    /// Critical.
    public let isCritical = true

    private let pool: Pool

    /// Creates the check of a pool.
    public init(_ pool: Pool) {
        self.pool = pool
    }

    /// Looks; the sandbox is given back whatever happens.
    public func check() async -> HealthResult {
        let sandbox: Pool.Sandbox
        do {
            sandbox = try await pool.acquire()
        } catch {
            return .failed("Cannot acquire sandbox from pool: \(error)")
        }
        let result: HealthResult
        do {
            try await pool.call("health_check", in: sandbox)
            result = .healthy("Sandbox pool is healthy")
        } catch {
            result = .failed("Sandbox execution failed: \(error)")
        }
        await pool.release(sandbox)
        return result
    }
}
