/// An error that knows where it was thrown.
public protocol StackTraced: Error {
    /// The functions that were under way, one a line, the innermost first.
    var stackTrace: String { get }
}
