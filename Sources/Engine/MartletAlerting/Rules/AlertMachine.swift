public import MartletCore

/// The life of one rule's alerts: elements and time in, states and samples out.
///
/// An alert is pending from the first evaluation that has its element, fires once the element stayed for the hold
/// duration, and is resolved when the element is gone (after `keep_firing_for`, where there is one). Resolved alerts
/// are kept for ``resolvedRetention`` so that their end is told again if the first message was lost. A pending alert
/// whose element goes away is forgotten at once.
public struct AlertMachine: Sendable {
    /// One element of the expression's value, as it becomes an alert.
    public struct Element: Hashable, Sendable {
        /// The alert's labels.
        public var labels: LabelSet

        /// The expanded annotations.
        public var annotations: [String: String]

        /// The element's value.
        public var value: Double

        /// Creates an element.
        public init(labels: LabelSet, annotations: [String: String] = [:], value: Double) {
            self.labels = labels
            self.annotations = annotations
            self.value = value
        }
    }

    /// What happened to an alert in one evaluation.
    public enum Transition: Hashable, Sendable {
        /// The alert began to wait.
        case pending(ActiveAlert)
        /// The alert began to fire.
        case fired(ActiveAlert)
        /// The alert stopped firing.
        case resolved(ActiveAlert)
    }

    /// How long resolved alerts are kept, in milliseconds: a quarter of an hour.
    public static let resolvedRetention: Int64 = 15 * 60 * 1000

    /// The alerts by their labels.
    public private(set) var alerts: [LabelSet: ActiveAlert] = [:]

    /// Creates a machine without alerts.
    public init() {}

    /// The highest state among the alerts.
    public var state: AlertState { alerts.values.map(\.state).max() ?? .inactive }

    /// Takes the elements of one evaluation.
    ///
    /// - Parameters:
    ///   - elements: The value of the rule's expression.
    ///   - time: When it was evaluated, in milliseconds since the epoch; not before the previous one.
    ///   - hold: How long an element has to stay, in milliseconds.
    ///   - keep: How long an alert keeps firing without its element, in milliseconds.
    ///   - limit: How many alerts there may be; 0 for any number. When there are more, all are forgotten.
    /// - Returns: What changed, ordered by labels.
    /// - Throws: ``RuleError`` `duplicateLabels`, which changes nothing, or `limitExceeded`.
    /// - Complexity: O(*n* log *n*) in the number of alerts.
    public mutating func evaluate(
        _ elements: [Element],
        at time: Int64,
        hold: Int64,
        keep: Int64 = 0,
        limit: Int = 0
    ) throws(RuleError) -> [Transition] {
        var present: [LabelSet: Element] = [:]
        present.reserveCapacity(elements.count)
        for element in elements where present.updateValue(element, forKey: element.labels) != nil {
            throw .duplicateLabels(isAlerting: true)
        }
        for element in elements { note(element, at: time) }
        var transitions: [Transition] = []
        var live = 0
        for labels in alerts.keys.sorted() {
            guard var alert = alerts[labels] else { continue }
            let isPresent = present[labels] != nil
            if let transition = Self.advance(&alert, isPresent: isPresent, at: time, hold: hold, keep: keep) {
                transitions.append(transition)
            }
            let isGone = !isPresent && Self.isForgotten(alert, at: time)
            alerts[labels] = isGone ? nil : alert
            if alert.state != .inactive { live += 1 }
        }
        guard limit == 0 || live <= limit else {
            alerts = [:]
            throw .limitExceeded(limit: limit, count: live, isAlerting: true)
        }
        return transitions
    }

    /// The alerts that have to be handed on for notification now, marked as handed on.
    ///
    /// - Parameters:
    ///   - time: Now, in milliseconds since the epoch.
    ///   - resendDelay: How often an unchanged alert is handed on, in milliseconds.
    ///   - interval: How often the rule is evaluated, in milliseconds.
    /// - Returns: The alerts, ordered by labels.
    public mutating func takeAlertsToSend(at time: Int64, resendDelay: Int64, interval: Int64) -> [ActiveAlert] {
        var sent: [ActiveAlert] = []
        for labels in alerts.keys.sorted() {
            guard var alert = alerts[labels], alert.needsSending(at: time, resendDelay: resendDelay) else { continue }
            alert.lastSentAt = time
            // Four times the pace at which receivers hear of it: two evaluations or messages may fail.
            alert.validUntil = time + 4 * max(resendDelay, interval)
            alerts[labels] = alert
            sent.append(alert)
        }
        return sent
    }

    /// Takes an alert back that was already pending or firing before a restart.
    ///
    /// Only alerts without an entry are taken; the next evaluation decides what becomes of them.
    public mutating func restore(_ alert: ActiveAlert) {
        if alerts[alert.labels] == nil { alerts[alert.labels] = alert }
    }

    private mutating func note(_ element: Element, at time: Int64) {
        if var alert = alerts[element.labels], alert.state != .inactive {
            alert.value = element.value
            alert.annotations = element.annotations
            alerts[element.labels] = alert
        } else {
            alerts[element.labels] = ActiveAlert(
                labels: element.labels,
                annotations: element.annotations,
                state: .pending,
                value: element.value,
                activeAt: time
            )
        }
    }

    /// Moves one alert on by one evaluation.
    private static func advance(
        _ alert: inout ActiveAlert,
        isPresent: Bool,
        at time: Int64,
        hold: Int64,
        keep: Int64
    ) -> Transition? {
        if isPresent {
            alert.keepFiringSince = nil
            guard alert.state == .pending else { return nil }
            guard time - alert.activeAt >= hold else { return alert.activeAt == time ? .pending(alert) : nil }
            alert.state = .firing
            alert.firedAt = time
            return .fired(alert)
        }
        guard alert.state == .firing else { return nil }
        if keep > 0 {
            let since = alert.keepFiringSince ?? time
            alert.keepFiringSince = since
            if time - since < keep { return nil }
        }
        alert.state = .inactive
        alert.resolvedAt = time
        return .resolved(alert)
    }

    private static func isForgotten(_ alert: ActiveAlert, at time: Int64) -> Bool {
        guard alert.state != .pending else { return true }
        guard let resolvedAt = alert.resolvedAt else { return false }
        return time - resolvedAt > resolvedRetention
    }
}
