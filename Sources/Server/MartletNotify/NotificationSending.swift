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
}
