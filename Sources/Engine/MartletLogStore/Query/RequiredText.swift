import MartletSearch

// A regular expression that has `connection` in it can only match a message one of whose words has `connection` in it, so
// that the words of a block say which messages are worth a look. Only what certainly stands in every match counts: what is
// outside of groups, classes and alternatives, and not repeated zero times. Where in doubt, nothing is required.

/// What every match of a regular expression in RE2's syntax has in it.
enum RequiredText {
    /// How many pieces are told at most, the longest.
    private static let most = 3

    /// Runs of letters, digits and `_`, two or more each, every one of which lies within a word of what matches.
    static func pieces(of source: String) -> [[UInt8]] {
        let bytes = Array(source.utf8)
        var (found, run, at): ([[UInt8]], [UInt8], Int) = ([], [], 0)
        func end(dropping count: Int = 0) {
            run.removeLast(min(count, run.count))
            if run.count > 1 { found.append(run) }
            run = []
        }
        while at < bytes.count {
            let byte = bytes[at]
            switch byte {
            case UInt8(ascii: "|"): return []
            case UInt8(ascii: "*"), UInt8(ascii: "?"):
                end(dropping: 1)
                at += 1
            case UInt8(ascii: "+"):
                end()
                at += 1
            case UInt8(ascii: "{"):
                end(dropping: 1)
                guard let close = bytes[at...].firstIndex(of: UInt8(ascii: "}")) else { return [] }
                at = close + 1
            case UInt8(ascii: "("):
                end()
                guard let next = behindGroup(bytes, at) else { return [] }
                at = next
            case UInt8(ascii: "["):
                end()
                guard let next = behindClass(bytes, at) else { return [] }
                at = next
            case UInt8(ascii: "\\"):
                end()
                guard let next = behindEscape(bytes, at) else { return [] }
                at = next
            default:
                if WordScanner.isWordByte(byte) { run.append(byte) } else { end() }
                at += 1
            }
        }
        end()
        return Array(found.sorted { $0.count > $1.count }.prefix(most))
    }

    /// The place behind an escape; `nil` for those that take more than a character.
    private static func behindEscape(_ bytes: [UInt8], _ at: Int) -> Int? {
        guard at + 1 < bytes.count, bytes[at + 1] < 0x80 else { return nil }
        let own = bytes[at + 1]
        if !WordScanner.isWordByte(own) { return at + 2 }
        return "dDsSwWbBAzafnrtv".utf8.contains(own) ? at + 2 : nil
    }

    /// The place behind a class.
    private static func behindClass(_ bytes: [UInt8], _ start: Int) -> Int? {
        var at = start + 1
        if at < bytes.count, bytes[at] == UInt8(ascii: "^") { at += 1 }
        // A bracket that comes first stands for itself.
        if at < bytes.count, bytes[at] == UInt8(ascii: "]") { at += 1 }
        while at < bytes.count {
            switch bytes[at] {
            case UInt8(ascii: "]"): return at + 1
            case UInt8(ascii: "\\"): at += 2
            case UInt8(ascii: "["):
                guard at + 1 < bytes.count, bytes[at + 1] == UInt8(ascii: ":") else {
                    at += 1
                    continue
                }
                guard let close = bytes[(at + 2)...].firstIndex(of: UInt8(ascii: "]")) else { return nil }
                at = close + 1
            default: at += 1
            }
        }
        return nil
    }

    /// The place behind a group; `nil` for one that sets flags.
    private static func behindGroup(_ bytes: [UInt8], _ start: Int) -> Int? {
        var (at, depth) = (start, 0)
        while at < bytes.count {
            switch bytes[at] {
            case UInt8(ascii: "("):
                if at + 2 < bytes.count, bytes[at + 1] == UInt8(ascii: "?"),
                    ![UInt8(ascii: ":"), UInt8(ascii: "P"), UInt8(ascii: "<")].contains(bytes[at + 2])
                {
                    return nil
                }
                depth += 1
                at += 1
            case UInt8(ascii: ")"):
                depth -= 1
                at += 1
                if depth == 0 { return at }
            case UInt8(ascii: "["):
                guard let next = behindClass(bytes, at) else { return nil }
                at = next
            case UInt8(ascii: "\\"):
                guard let next = behindEscape(bytes, at) else { return nil }
                at = next
            default: at += 1
            }
        }
        return nil
    }
}
