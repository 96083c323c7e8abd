import MartletCore
import MartletYAML

extension RelabelRule {
    /// Reads one relabelling rule, for `relabel_configs` wherever they stand.
    ///
    /// Unknown keys are reported by whoever finishes the reader; gives `nil` after a problem was reported.
    public init?(reading reader: MappingReader) {
        self.init()
        let actionText = reader.string("action", default: "replace").lowercased()
        guard let action = Action(rawValue: actionText) else {
            let words = Action.allCases.map(\.rawValue)
            let hint = Suggestion.closest(to: actionText, among: words).map { " (did you mean \"\($0)\"?)" } ?? ""
            reader.report("unknown relabel action \"\(actionText)\"\(hint)", at: "action")
            reader.skip(["source_labels", "separator", "regex", "modulus", "target_label", "replacement"])
            return nil
        }
        self.action = action
        sourceLabels = reader.strings("source_labels")
        separator = reader.string("separator", default: separator)
        let isRegexGiven = reader.node("regex") != nil
        if isRegexGiven, reader.string("regex") != Self.anything {
            guard let compiled = reader.pattern("regex") else {
                reader.skip(["modulus", "target_label", "replacement"])
                return nil
            }
            pattern = compiled
        }
        modulus = UInt64(reader.int("modulus", in: 0 ... .max, default: 0))
        targetLabel = reader.string("target_label", default: "")
        replacement = reader.string("replacement", default: replacement)
        check(reader)
    }

    /// Reports what makes no sense for the rule's action.
    private func check(_ reader: MappingReader) {
        let name = action.rawValue
        if action == .hashMod, modulus == 0 {
            reader.report("relabel action hashmod needs a modulus above 0", at: "modulus")
        }
        switch action {
        case .replace, .hashMod, .lowercase, .uppercase, .keepEqual, .dropEqual:
            if targetLabel.isEmpty { reader.report("relabel action \(name) needs a target_label", at: "target_label") }
        case .labelMap:
            if replacement.isEmpty { reader.report("relabel action labelmap needs a replacement", at: "replacement") }
        case .keep, .drop, .labelDrop, .labelKeep: break
        }
        let useless: [String] =
            switch action {
            case .labelDrop, .labelKeep: ["source_labels", "target_label", "modulus", "separator", "replacement"]
            case .keepEqual, .dropEqual: ["regex", "modulus", "separator", "replacement"]
            default: []
            }
        for key in useless where reader.node(key) != nil {
            reader.report("relabel action \(name) takes no \(key)", at: key)
        }
    }
}
