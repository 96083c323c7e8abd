import MartletAlerting
import MartletCore
import MartletSeries

/// Which groups and rules a request for rules wants, page by page.
struct RulesRequest {
    /// A group with those of its rules that are wanted.
    typealias Shown = (group: RuleGroupState, rules: [RuleState])

    let excludesAlerts: Bool
    private let type: String?
    private let names: Set<String>
    private let groups: Set<String>
    private let files: Set<String>
    private let selectors: [[LabelMatcher]]
    private let groupsMax: Int?
    private let token: String?

    init(_ parameters: Parameters, matching selectors: [[LabelMatcher]]) throws(APIError) {
        self.selectors = selectors
        names = Set(parameters.values(of: "rule_name[]"))
        groups = Set(parameters.values(of: "rule_group[]"))
        files = Set(parameters.values(of: "file[]"))
        type = parameters["type"]?.lowercased()
        guard type == nil || type == "alert" || type == "record" else {
            throw .badParameter("type", "not supported value \(LabelSyntax.quoted(type ?? ""))")
        }
        switch parameters["exclude_alerts"] {
        case "1", "t", "T", "true", "TRUE", "True": excludesAlerts = true
        case nil, "0", "f", "F", "false", "FALSE", "False": excludesAlerts = false
        case let text?:
            let reason = "error converting exclude_alerts: strconv.ParseBool: parsing \(LabelSyntax.quoted(text)): "
            throw .badParameter("exclude_alerts", reason + "invalid syntax")
        }
        (groupsMax, token) = try Self.pagination(parameters)
    }

    private static func pagination(_ parameters: Parameters) throws(APIError) -> (Int?, String?) {
        let token = parameters["group_next_token"]
        guard let text = parameters["group_limit"] else {
            guard token == nil else {
                throw .badParameter(
                    "group_next_token",
                    "group_limit needs to be present in order to paginate over the groups"
                )
            }
            return (nil, nil)
        }
        guard let count = Int32(text) else {
            let reason = "strconv.ParseInt: parsing \(LabelSyntax.quoted(text)): invalid syntax"
            throw .badParameter("group_limit", "group_limit needs to be a valid number: \(reason)")
        }
        guard count > 0 else { throw .badParameter("group_limit", "group_limit needs to be greater than 0") }
        return (Int(count), token)
    }

    /// The wanted groups from the token on, and the token of the first one that found no room.
    func page(of all: [RuleGroupState]) throws(APIError) -> (groups: [Shown], nextToken: String?) {
        var rest = all[...]
        if let token {
            rest = rest.drop { Self.token(of: $0) != token }
            guard !rest.isEmpty else {
                throw .badParameter(
                    "group_next_token",
                    "invalid group_next_token '\(token)'. were rule groups changed?"
                )
            }
        }
        var page: [Shown] = []
        for group in rest where isWanted(group) {
            let rules = group.rules.filter(isWanted)
            if rules.isEmpty { continue }
            if page.count == groupsMax { return (page, Self.token(of: group)) }
            page.append((group, rules))
        }
        return (page, nil)
    }

    private func isWanted(_ group: RuleGroupState) -> Bool {
        (groups.isEmpty || groups.contains(group.group.name)) && (files.isEmpty || files.contains(group.group.file))
    }

    private func isWanted(_ rule: RuleState) -> Bool {
        guard names.isEmpty || names.contains(rule.rule.name) else { return false }
        guard type == nil || (type == "alert") == rule.isAlerting else { return false }
        guard !selectors.isEmpty else { return true }
        let labels = LabelSet(rule.allLabels.map { Label($0.key, $0.value) })
        return selectors.contains { $0.allSatisfy { $0.matches(labels) } }
    }

    /// What names a group in a request for the next page.
    private static func token(of group: RuleGroupState) -> String {
        Fingerprint(["file": group.group.file, "group": group.group.name]).description
    }
}
