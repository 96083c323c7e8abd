/// A text that must never be shown: a password, a token, a webhook's address.
///
/// Whatever describes, debugs, mirrors or interpolates it gets `<secret>`. Comparing two takes a time that depends
/// on their lengths alone.
public struct Secret: Sendable, Equatable {
    private let text: String

    /// What stands for every secret in output.
    public static let placeholder = "<secret>"

    /// Wraps a text.
    public init(_ text: String) {
        self.text = text
    }

    /// The text itself, for the one place that sends it.
    public func reveal() -> String { text }

    /// Whether the text is empty.
    public var isEmpty: Bool { text.isEmpty }

    /// Whether two secrets are the same text, without telling by time where they differ.
    public static func == (left: Secret, right: Secret) -> Bool {
        let first = Array(left.text.utf8)
        let second = Array(right.text.utf8)
        var difference = first.count ^ second.count
        for place in 0..<max(first.count, second.count) {
            let one = first.isEmpty ? 0 : first[place % first.count]
            let other = second.isEmpty ? 0 : second[place % second.count]
            difference |= Int(one ^ other)
        }
        return difference == 0
    }
}

extension Secret: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// Always `<secret>`.
    public var description: String { Self.placeholder }

    /// Always `<secret>`.
    public var debugDescription: String { Self.placeholder }

    /// A mirror that shows nothing.
    public var customMirror: Mirror { Mirror(self, children: EmptyCollection<Mirror.Child>()) }
}
