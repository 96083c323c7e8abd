/// What a supervisor is to keep running.
///
/// ```swift
/// ChildSpecification("reader") {
///     for try await line in lines { await cart.take(line) }
/// }
/// ```
///
/// The body is the child's whole life: it returns when its work is done, throws when it fails, and ends soon after its
/// task is cancelled. It is called anew at each restart, so whatever it makes is made anew, too.
public struct ChildSpecification: Sendable {
    /// When an ended child is started again.
    public enum Restart: String, Sendable, CaseIterable {
        /// Always.
        case permanent
        /// After a failure, but not after it has returned.
        case transient
        /// Never.
        case temporary
    }

    /// The child's name, unique below its supervisor.
    public var name: String

    /// When it is started again; always unless said otherwise.
    public var restart: Restart

    /// How long it may take to end after it was cancelled; five seconds unless said otherwise.
    ///
    /// One that takes longer is left behind, which is counted, and its successor is started beside it.
    public var shutdownTimeout: Duration

    /// How often its health is asked for; ten seconds unless said otherwise.
    public var healthInterval: Duration

    /// How many times in a row it must be found unhealthy before it is restarted; three unless said otherwise.
    public var healthThreshold: Int

    /// How it is; `nil` where nobody can say.
    public var health: (@Sendable () async throws -> HealthStatus)?

    let isSupervisor: Bool
    let body: @Sendable () async throws -> Void

    /// Creates the specification of a task.
    public init(
        _ name: String,
        restart: Restart = .permanent,
        shutdownTimeout: Duration = .seconds(5),
        healthInterval: Duration = .seconds(10),
        healthThreshold: Int = 3,
        health: (@Sendable () async throws -> HealthStatus)? = nil,
        _ body: @escaping @Sendable () async throws -> Void
    ) {
        self.name = name
        self.restart = restart
        self.shutdownTimeout = shutdownTimeout
        self.healthInterval = healthInterval
        self.healthThreshold = healthThreshold
        self.health = health
        isSupervisor = false
        self.body = body
    }

    /// Creates the specification of an actor, which is made anew at each start.
    ///
    /// - Parameters:
    ///   - name: The child's name.
    ///   - restart: When it is started again.
    ///   - healthInterval: How often its health is asked for.
    ///   - healthThreshold: How many times in a row it must be found unhealthy before it is restarted.
    ///   - make: Makes the actor.
    public init<Child: SupervisedActor>(
        actor name: String,
        restart: Restart = .permanent,
        healthInterval: Duration = .seconds(10),
        healthThreshold: Int = 3,
        _ make: @escaping @Sendable () async throws -> Child
    ) {
        let current = CurrentActor<Child>()
        self.init(
            name,
            restart: restart,
            healthInterval: healthInterval,
            healthThreshold: healthThreshold,
            health: { await current.healthStatus() }
        ) {
            let child = try await make()
            current.set(child)
            do {
                try await child.run()
            } catch {
                await child.stop()
                throw error
            }
            await child.stop()
        }
    }

    /// Creates the specification of a supervisor below another.
    ///
    /// - Parameter supervisor: The lower supervisor; it fails, and its upper decides, when it has given up.
    public init(_ supervisor: Supervisor) {
        name = supervisor.name
        restart = .permanent
        shutdownTimeout = .seconds(30)
        healthInterval = .seconds(10)
        healthThreshold = 3
        // A lower supervisor mends its own; its upper only reacts when it gives up.
        health = nil
        isSupervisor = true
        body = { try await supervisor.run() }
    }
}

/// An actor that a supervisor can run.
public protocol SupervisedActor: Actor, ComponentHealth {
    /// Works until there is no more to do, or the task is cancelled.
    ///
    /// - Throws: When it fails.
    func run() async throws

    /// Cleans up after ``run()`` has ended in any way; does nothing unless said otherwise.
    func stop() async
}

extension SupervisedActor {
    /// Does nothing.
    public func stop() async {}

    /// Healthy.
    public func healthStatus() async -> HealthStatus { .healthy }
}

/// A failure that says its kind, for metrics: a word of a small set.
public protocol FailureTyped: Error {
    /// The kind of failure, such as `timeout`.
    var failureType: String { get }
}
