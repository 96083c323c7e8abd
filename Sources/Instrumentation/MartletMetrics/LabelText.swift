import MartletCore

/// Writes the labels of a family's series as `code="200",method="get"`.
struct LabelText {
    private enum Part {
        case constant([UInt8])
        case value(name: [UInt8], label: Int)
    }

    private let parts: [Part]

    init(_ constantLabels: LabelSet, _ names: [String]) {
        var named = constantLabels.map { label in
            var bytes = Array("\(label.name)=\"".utf8)
            LabelText.append(escaping: label.value, to: &bytes)
            bytes.append(UInt8(ascii: "\""))
            return (label.name, Part.constant(bytes))
        }
        named += names.enumerated().map { ($1, .value(name: Array("\($1)=\"".utf8), label: $0)) }
        parts = named.sorted { $0.0 < $1.0 }.map(\.1)
    }

    /// Appends the labels of one series, given the value of each label in the order of their declaration.
    func append(to bytes: inout [UInt8], _ value: (Int) -> String) {
        let start = bytes.count
        for part in parts {
            switch part {
            case .constant(let text):
                if bytes.count > start { bytes.append(UInt8(ascii: ",")) }
                bytes += text
            case .value(let name, let label):
                let text = value(label)
                // An empty value means the same as no label.
                if text.isEmpty { continue }
                if bytes.count > start { bytes.append(UInt8(ascii: ",")) }
                bytes += name
                LabelText.append(escaping: text, to: &bytes)
                bytes.append(UInt8(ascii: "\""))
            }
        }
    }

    /// Takes the last series off again.
    static func drop(last count: Int, _ state: inout Instrument.State) {
        state.labelEnds.removeLast(count)
        state.labelText.removeLast(state.labelText.count - Int(state.labelEnds.last ?? 0))
    }

    private static func append(escaping text: String, to bytes: inout [UInt8]) {
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\\"), UInt8(ascii: "\""): bytes += [UInt8(ascii: "\\"), byte]
            case UInt8(ascii: "\n"): bytes += [UInt8(ascii: "\\"), UInt8(ascii: "n")]
            default: bytes.append(byte)
            }
        }
    }
}
