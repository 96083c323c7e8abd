import MartletExposition

/// The bytes that a target gave.
struct ScrapedExposition: Sendable {
    var bytes: [UInt8]
    var format: ExpositionFormat
}

/// Gets the exposition of a target.
protocol ExpositionSource: Sendable {
    /// Asks the target once.
    ///
    /// - Throws: ``SourceError``.
    func fetch() async throws(SourceError) -> ScrapedExposition
}

/// Why a source gave nothing.
enum SourceError: Error {
    /// The scrape failed.
    case failed(ScrapeFailure)
    /// The loop is being stopped; nothing is to be noted.
    case cancelled
}
