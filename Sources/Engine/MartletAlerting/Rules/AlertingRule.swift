/// Gives an alert for each element of an expression's value.
public struct AlertingRule: Hashable, Sendable {
    /// The alert's name, the value of its label `alertname`.
    public var name: String

    /// The expression in PromQL; each element of its value is an alert.
    public var expression: String

    /// How long an element has to stay before its alert fires (`for`).
    public var holdDuration: Duration

    /// How long an alert keeps firing after its element is gone.
    public var keepFiringFor: Duration

    /// Labels for the alerts, templates among them.
    public var labels: [String: String]

    /// Texts for people, templates among them.
    public var annotations: [String: String]

    /// How the alerts are told, beside the routes.
    public var delivery: AlertDelivery

    /// Creates a rule.
    public init(
        name: String,
        expression: String,
        holdDuration: Duration = .zero,
        keepFiringFor: Duration = .zero,
        labels: [String: String] = [:],
        annotations: [String: String] = [:],
        delivery: AlertDelivery = AlertDelivery()
    ) {
        self.name = name
        self.expression = expression
        self.holdDuration = holdDuration
        self.keepFiringFor = keepFiringFor
        self.labels = labels
        self.annotations = annotations
        self.delivery = delivery
    }
}
