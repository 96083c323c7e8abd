/// What is left of the limits while a request is read.
struct OTLPBudget {
    let limits: OTLPLimits
    private var points = 0
    private var attributes = 0
    private var buckets = 0
    private var exemplars = 0
    private var spans = 0
    private var parts = 0

    init(_ limits: OTLPLimits) {
        self.limits = limits
    }

    mutating func takePoint() throws(OTLPError) {
        points += 1
        guard points <= limits.points else { throw .limitExceeded("data points", limit: limits.points) }
    }

    mutating func takeAttribute() throws(OTLPError) {
        attributes += 1
        guard attributes <= limits.attributes else { throw .limitExceeded("attributes", limit: limits.attributes) }
    }

    mutating func takeBuckets(_ count: Int) throws(OTLPError) {
        buckets += count
        guard buckets <= limits.buckets else { throw .limitExceeded("buckets", limit: limits.buckets) }
    }

    mutating func takeExemplar() throws(OTLPError) {
        exemplars += 1
        guard exemplars <= limits.exemplars else { throw .limitExceeded("exemplars", limit: limits.exemplars) }
    }

    mutating func takeSpan() throws(OTLPError) {
        spans += 1
        guard spans <= limits.spans else { throw .limitExceeded("spans", limit: limits.spans) }
    }

    mutating func takePart() throws(OTLPError) {
        parts += 1
        guard parts <= limits.parts else { throw .limitExceeded("events and links", limit: limits.parts) }
    }

    func checkDepth(_ depth: Int) throws(OTLPError) {
        guard depth <= limits.depth else { throw .limitExceeded(OTLPError.deepValues, limit: limits.depth) }
    }
}
