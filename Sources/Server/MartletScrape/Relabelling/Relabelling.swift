public import MartletConfiguration
public import MartletCore
import MartletSeries

/// Applies relabelling rules to label sets.
public enum Relabelling {
    /// The labels after all rules, or `nil` where a rule drops them.
    ///
    /// - Complexity: O(*r* · *n*) for *r* rules and *n* labels, besides the expressions; each is linear in its text.
    public static func apply(_ rules: [RelabelRule], to labels: LabelSet) -> LabelSet? {
        var labels = labels
        for rule in rules {
            guard let changed = apply(rule, to: labels) else { return nil }
            labels = changed
        }
        return labels
    }

    private static func apply(_ rule: RelabelRule, to labels: LabelSet) -> LabelSet? {
        let value =
            rule.sourceLabels.count == 1
            ? labels[rule.sourceLabels[0]] ?? ""
            : rule.sourceLabels.map { labels[$0] ?? "" }.joined(separator: rule.separator)
        switch rule.action {
        case .keep: return matches(rule, value) ? labels : nil
        case .drop: return matches(rule, value) ? nil : labels
        case .keepEqual: return labels[rule.targetLabel] ?? "" == value ? labels : nil
        case .dropEqual: return labels[rule.targetLabel] ?? "" == value ? nil : labels
        case .replace: return replace(rule, value, in: labels)
        case .lowercase: return labels.setting(rule.targetLabel, to: value.lowercased())
        case .uppercase: return labels.setting(rule.targetLabel, to: value.uppercased())
        case .hashMod:
            guard rule.modulus > 0 else { return labels }
            return labels.setting(rule.targetLabel, to: String(MD5.low64(value) % rule.modulus))
        case .labelMap: return map(rule, labels)
        case .labelDrop: return LabelSet(sorted: labels.filter { !matches(rule, $0.name) })
        case .labelKeep: return LabelSet(sorted: labels.filter { matches(rule, $0.name) })
        }
    }

    private static func matches(_ rule: RelabelRule, _ text: String) -> Bool {
        rule.pattern?.matches(text) ?? true
    }

    private static func replace(_ rule: RelabelRule, _ value: String, in labels: LabelSet) -> LabelSet {
        guard let target = expand(rule, rule.targetLabel, value), !target.isEmpty,
            let replacement = expand(rule, rule.replacement, value)
        else { return labels }
        return labels.setting(target, to: replacement)
    }

    private static func map(_ rule: RelabelRule, _ labels: LabelSet) -> LabelSet {
        var changed = labels
        for label in labels {
            guard let name = expand(rule, rule.replacement, label.name), !name.isEmpty else { continue }
            changed = changed.setting(name, to: label.value)
        }
        return changed
    }

    /// A template with the groups of the rule's expression put in, or `nil` where the expression does not match.
    private static func expand(_ rule: RelabelRule, _ template: String, _ text: String) -> String? {
        if let pattern = rule.pattern {
            if template.utf8.contains(UInt8(ascii: "$")) { return pattern.expand(template, in: text) }
            return pattern.matches(text) ? template : nil
        }
        return expandWhole(template, text)
    }

    /// A template for the expression `(.*)`, whose groups 0 and 1 are the whole text.
    private static func expandWhole(_ template: String, _ text: String) -> String {
        if template == "$1" { return text }
        var result = ""
        var rest = Substring(template)
        while let dollar = rest.firstIndex(of: "$") {
            result += rest[..<dollar]
            rest = rest[dollar...].dropFirst()
            if rest.hasPrefix("$") {
                result += "$"
                rest = rest.dropFirst()
                continue
            }
            let isBraced = rest.hasPrefix("{")
            let name = rest.dropFirst(isBraced ? 1 : 0).prefix {
                $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_")
            }
            let after = rest[name.endIndex...]
            guard !name.isEmpty, !isBraced || after.hasPrefix("}") else {
                result += "$"
                continue
            }
            if name == "0" || name == "1" { result += text }
            rest = isBraced ? after.dropFirst() : after
        }
        return result + rest
    }
}
