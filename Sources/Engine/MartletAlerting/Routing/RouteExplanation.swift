import MartletCore
import MartletSeries

/// Why an alert goes where it goes.
public struct RouteExplanation: Sendable {
    /// One route that was looked at.
    public struct Step: Sendable, Hashable {
        /// How deep in the tree, 0 for the root.
        public var depth: Int

        /// The route's conditions, `{}` for none.
        public var conditions: String

        /// The route's receiver.
        public var receiver: String

        /// Whether all conditions hold.
        public var matches: Bool

        /// The first condition that does not hold, with the value that it met; `nil` where all do.
        public var failure: String?

        /// Whether the alert is told here, being the deepest match.
        public var isChosen: Bool

        /// Whether later siblings are tried too.
        public var continues: Bool

        /// The group that the alert would join here.
        public var groupKey: String

        /// The time intervals that mute the route now.
        public var mutedBy: [String]
    }

    /// The routes that were looked at, in their order.
    public private(set) var steps: [Step] = []

    /// The receivers, in their order.
    public var receivers: [String] { steps.filter(\.isChosen).map(\.receiver) }

    /// The silences that would cover the alert.
    public let silencedBy: [String]

    /// The policy that would hold for it; `nil` for none.
    public let policy: String?

    init(_ labels: LabelSet, plan: AlertPlan, silences: [Silence], at time: Int64) {
        silencedBy = silences.filter { $0.covers(labels) }.map(\.id).sorted()
        let alert = Alert(labels: labels, startsAt: time, endsAt: time, updatedAt: time)
        policy = EscalationPolicy.policy(for: alert, among: plan.policies)?.name
        guard let route = plan.route else {
            for receiver in plan.defaultReceivers {
                steps.append(
                    Step(
                        depth: 0,
                        conditions: "{}",
                        receiver: receiver,
                        matches: true,
                        failure: nil,
                        isChosen: true,
                        continues: true,
                        groupKey: "",
                        mutedBy: []
                    )
                )
            }
            return
        }
        _ = look(RoutingTree(route).root, labels, plan, depth: 0, at: time)
    }

    /// Looks at a route and those below; whether any took the alert.
    private mutating func look(
        _ node: RoutingTree.Node,
        _ labels: LabelSet,
        _ plan: AlertPlan,
        depth: Int,
        at time: Int64
    ) -> Bool {
        let failed = node.route.matchers.first { !$0.matches(labels) }
        let place = steps.count
        let groupLabels = node.groupLabels(of: labels)
        steps.append(
            Step(
                depth: depth,
                conditions: "{" + node.route.matchers.map(\.description).joined(separator: ",") + "}",
                receiver: node.route.receiver,
                matches: failed == nil,
                failure: failed.map {
                    "\($0) does not hold: \($0.name) is \(LabelSyntax.quoted(labels[$0.name] ?? ""))"
                },
                isChosen: false,
                continues: node.route.continues,
                groupKey: node.groupKey(for: groupLabels),
                mutedBy: plan.mutes(node.route, at: time)
            )
        )
        guard failed == nil else { return false }
        var isTaken = false
        for child in node.children where look(child, labels, plan, depth: depth + 1, at: time) {
            isTaken = true
            if !child.route.continues { break }
        }
        steps[place].isChosen = !isTaken
        return true
    }
}
