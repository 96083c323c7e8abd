/// A key that was pressed.
public enum KeyPress: Hashable, Sendable {
    /// A character that was typed.
    case character(Character)
    /// A letter together with Control, lower case.
    case control(Character)
    case enter
    case escape
    case tab
    case backTab
    case backspace
    case delete
    case up
    case down
    case left
    case right
    case home
    case end
    case pageUp
    case pageDown
    /// A key that means nothing here.
    case other

    /// What a scalar that a terminal sent stands for.
    public init(scalar: UInt32) {
        switch scalar {
        case 0x0a, 0x0d: self = .enter
        case 0x1b: self = .escape
        case 0x09: self = .tab
        case 0x08, 0x7f: self = .backspace
        case 0x01...0x1a: self = Unicode.Scalar(scalar + 0x60).map { .control(Character($0)) } ?? .other
        case 0x00..<0x20, 0x80..<0xa0: self = .other
        default: self = Unicode.Scalar(scalar).map { .character(Character($0)) } ?? .other
        }
    }
}
