public import MartletCore
import MartletSeries

/// A tree of routes, ready to be asked where an alert goes.
public struct RoutingTree: Sendable {
    /// One route of the tree.
    public struct Node: Sendable {
        /// The route.
        public let route: Route

        /// The conditions from the root to here, as Alertmanager writes them: `{}/{severity="page"}`.
        public let key: String

        /// The route's place in the tree, which tells it from others with the same conditions: `0.2.1`.
        public let path: String

        /// The routes below.
        public let children: [Node]
    }

    /// The root, which takes every alert that no route below takes.
    public let root: Node

    /// Prepares a tree.
    public init(_ root: Route) {
        self.root = Self.node(root, parentKey: nil, path: "0")
    }

    private static func node(_ route: Route, parentKey: String?, path: String) -> Node {
        let own = "{" + route.matchers.map(\.description).joined(separator: ",") + "}"
        let key = parentKey.map { $0 + "/" + own } ?? own
        let children = route.routes.enumerated().map { node($0.element, parentKey: key, path: "\(path).\($0.offset)") }
        return Node(route: route, key: key, path: path, children: children)
    }

    /// The routes that take an alert: the deepest that match, and later siblings only after one that continues.
    public func routes(for labels: LabelSet) -> [Node] {
        Self.routes(from: root, for: labels)
    }

    private static func routes(from node: Node, for labels: LabelSet) -> [Node] {
        guard node.route.matchers.allSatisfy({ $0.matches(labels) }) else { return [] }
        var found: [Node] = []
        for child in node.children {
            let matches = routes(from: child, for: labels)
            found += matches
            if !matches.isEmpty, !child.route.continues { break }
        }
        return found.isEmpty ? [node] : found
    }
}

extension RoutingTree.Node {
    /// The labels that an alert's group shares on this route.
    public func groupLabels(of labels: LabelSet) -> LabelSet {
        switch route.grouping {
        case .everyLabel: labels
        case .labels(let names): labels.keeping(names)
        }
    }

    /// What names a group of this route in messages: `{}/{severity="page"}:{alertname="Down"}`.
    public func groupKey(for groupLabels: LabelSet) -> String {
        let labels = groupLabels.map { "\($0.name)=\(LabelSyntax.quoted($0.value))" }.joined(separator: ", ")
        return "\(key):{\(labels)}"
    }
}
