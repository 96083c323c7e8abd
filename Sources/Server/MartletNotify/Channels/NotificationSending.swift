public import MartletAlerting

/// Tells one receiver in one way; a channel's own part, without queue and retries.
public protocol NotificationSending: Sendable {
    /// Makes one attempt, which ends by a time at the latest.
    ///
    /// - Parameters:
    ///   - notification: What to tell.
    ///   - timeout: How long the attempt may take.
    /// - Throws: ``DeliveryError``.
    func send(_ notification: Notification, timeout: Duration) async throws(DeliveryError)

    /// The same, with what the receiver answered, for people who test the channel.
    ///
    /// - Parameters:
    ///   - notification: What to tell.
    ///   - timeout: How long the attempt may take.
    /// - Returns: The answer, as far as it is fit to be shown.
    /// - Throws: ``DeliveryError``.
    func answer(to notification: Notification, timeout: Duration) async throws(DeliveryError) -> String
}

extension NotificationSending {
    /// Sends, and says no more than that it went well.
    public func answer(to notification: Notification, timeout: Duration) async throws(DeliveryError) -> String {
        try await send(notification, timeout: timeout)
        return "delivered"
    }
}

/// A channel made of a closure, for programs that embed the server.
public struct CustomChannel: NotificationSending {
    private let body: @Sendable (Notification) async throws -> Void

    /// Creates a channel.
    ///
    /// - Parameter body: Tells somebody; what it throws counts as a failure that may pass, a ``DeliveryError`` as what it
    ///   says.
    public init(_ body: @escaping @Sendable (Notification) async throws -> Void) {
        self.body = body
    }

    /// Calls the closure.
    ///
    /// - Throws: ``DeliveryError``.
    public func send(_ notification: Notification, timeout: Duration) async throws(DeliveryError) {
        do {
            try await body(notification)
        } catch let error as DeliveryError {
            throw error
        } catch {
            throw DeliveryError(.other, String(describing: error), isRetryable: true)
        }
    }
}
