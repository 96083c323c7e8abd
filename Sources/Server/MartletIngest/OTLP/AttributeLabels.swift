import MartletCore
import MartletOTLP

/// Labels made of attributes, sorted by name.
///
/// Attributes whose names become the same label are put together with semicolons, in order of their keys.
struct AttributeLabels {
    let escapes: Bool

    /// The labels of some attributes; those without a value give none.
    func labels(of attributes: [Attribute]) -> [Label] {
        var named: [(label: Label, key: String)] = []
        named.reserveCapacity(attributes.count)
        for attribute in attributes where !attribute.key.isEmpty {
            let name = name(of: attribute.key)
            // Names with two underscores at both ends belong to the server.
            if name.hasPrefix("__"), name.hasSuffix("__") { continue }
            let value = attribute.value.text
            if !value.isEmpty { named.append((Label(name, value), attribute.key)) }
        }
        named.sort { ($0.label.name, $0.key) < ($1.label.name, $1.key) }
        var labels: [Label] = []
        labels.reserveCapacity(named.count)
        var lastKey = ""
        for (label, key) in named {
            if let last = labels.last, last.name == label.name {
                // The same key again: the first one counts.
                if key != lastKey { labels[labels.count - 1].value += ";" + label.value }
            } else {
                labels.append(label)
            }
            lastKey = key
        }
        return labels
    }

    /// The label's name for a key.
    func name(of key: String) -> String {
        guard escapes else { return key }
        var bytes: [UInt8] = []
        for scalar in key.unicodeScalars {
            switch scalar {
            case "a"..."z", "A"..."Z", "0"..."9", "_": bytes.append(UInt8(ascii: scalar))
            default: bytes.append(UInt8(ascii: "_"))
            }
        }
        switch bytes.first {
        case .some(UInt8(ascii: "0")...UInt8(ascii: "9")): bytes.insert(contentsOf: "key_".utf8, at: 0)
        case .some(UInt8(ascii: "_")) where !bytes.starts(with: "__".utf8):
            bytes.insert(contentsOf: "key".utf8, at: 0)
        default: break
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}

extension [Label] {
    /// Puts labels into sorted ones; those that are there win.
    func adding(_ others: [Label]) -> [Label] {
        let names = Set(map(\.name))
        return (self + others.filter { !names.contains($0.name) }).sorted { $0.name < $1.name }
    }

    /// Puts labels into sorted ones in place of those that are there.
    func setting(_ others: [Label]) -> [Label] {
        others.sorted { $0.name < $1.name }.adding(self)
    }
}
