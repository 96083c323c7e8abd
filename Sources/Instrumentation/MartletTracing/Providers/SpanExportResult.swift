/// What became of spans that were to be sent.
public enum SpanExportResult: Hashable, Sendable {
    /// All were taken.
    case success
    /// Some were refused for good; the others were taken.
    case partial(rejected: Int, message: String)
    /// None were taken, and there is no use in trying again.
    case failure(String)
}
