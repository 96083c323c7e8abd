/// A value that must not be told: it prints `<secret>` wherever it is printed, and as a field of a record.
///
/// ```swift
/// let key = Secret(environment["API_KEY"] ?? "")
/// log.info("connects", ["key": .init(describing: key)])   // key=<secret>
/// ```
public struct Secret<Value: Sendable>: Sendable {
    /// What is printed in its place.
    public static var placeholder: String { "<secret>" }

    /// The value itself, for whoever needs it.
    public let exposed: Value

    /// Hides a value.
    public init(_ value: Value) {
        exposed = value
    }
}

extension Secret: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// `<secret>`.
    public var description: String { Self.placeholder }
    /// `<secret>`.
    public var debugDescription: String { Self.placeholder }
    /// No children, so that `dump` shows nothing either.
    public var customMirror: Mirror { Mirror(self, children: []) }
}

extension Secret: Equatable where Value: Equatable {}
extension Secret: Hashable where Value: Hashable {}
