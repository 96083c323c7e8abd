import MartletOTLP

/// One of the three signals, as OTLP brings it over HTTP and gRPC.
///
/// Good items of a request are kept when others are refused; the answer then has a partial success, as the protocol demands,
/// which names the first reason and the count.
protocol OTLPSignal: Sendable {
    /// The last part of the path of OTLP/HTTP.
    var path: String { get }

    /// The method of gRPC.
    var method: String { get }

    /// What refused items are counted as.
    var items: String { get }

    /// Stores what a request brought; an answer means that it is in the log.
    ///
    /// - Parameters:
    ///   - body: The request without compression.
    ///   - form: How it is written.
    ///   - origin: The client's address.
    /// - Returns: The answer, and what to count.
    /// - Throws: What the protocol answers where nothing was taken.
    func take(_ body: [UInt8], _ form: OTLPForm, origin: String) throws(RPCStatus) -> OTLPTaken
}

/// What became of a request.
struct OTLPTaken {
    /// What the protocol answers.
    let answer: OTLPAnswer
    /// What was stored, as the server's metrics count it.
    let items: [(signal: String, count: Int)]
}
