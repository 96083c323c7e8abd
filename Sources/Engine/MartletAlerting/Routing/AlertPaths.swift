import MartletCore

/// Where alerts go beside the routes: straight to channels, and up the levels of policies.
struct AlertPaths: Sendable {
    private let tree: RoutingTree?
    private let plan: AlertPlan
    private var direct: [String: RoutingTree.Node] = [:]

    init(_ plan: AlertPlan) {
        self.plan = plan
        tree = plan.route.map(RoutingTree.init)
    }

    /// The nodes that take an alert: those of the channels that its rule names, else of the routes, else the default
    /// receivers.
    mutating func nodes(for alert: Alert) -> [RoutingTree.Node] {
        if let names = alert.delivery.channels { return names.map { node(toReceiver: $0) } }
        if let tree { return tree.routes(for: alert.labels) }
        return plan.defaultReceivers.map { node(toReceiver: $0) }
    }

    /// The nodes of one level of a policy, from 0.
    func nodes(of policy: EscalationPolicy, level index: Int) -> [RoutingTree.Node] {
        let level = policy.levels[index]
        return level.channels.map { name in
            let route = Route(
                receiver: name,
                grouping: .everyLabel,
                groupWait: .zero,
                groupInterval: .seconds(30),
                repeatInterval: level.repeatInterval ?? .seconds(4 * 3600)
            )
            return RoutingTree.Node(
                route: route,
                key: "{policy=\(LabelSyntax.quoted(policy.name)),level=\"\(index + 1)\"}",
                path: "policy.\(policy.name).\(index).\(name)",
                children: []
            )
        }
    }

    /// Alerts of a rule that go straight to a receiver are told together, at once.
    private mutating func node(toReceiver name: String) -> RoutingTree.Node {
        if let node = direct[name] { return node }
        let route = Route(
            receiver: name,
            grouping: .labels(["alertname"]),
            groupWait: .zero,
            groupInterval: .seconds(30)
        )
        let key = "{channel=\(LabelSyntax.quoted(name))}"
        let node = RoutingTree.Node(route: route, key: key, path: "channel.\(name)", children: [])
        direct[name] = node
        return node
    }
}
