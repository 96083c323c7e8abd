import MartletCore

extension MetricsRequest {
    /// Reads a request from its JSON, already uncompressed.
    ///
    /// Members that are not known are skipped.
    ///
    /// - Parameters:
    ///   - bytes: The text.
    ///   - limits: What it may hold at most.
    /// - Throws: ``OTLPError``.
    /// - Complexity: O(*n*) in the number of bytes.
    public init(json bytes: [UInt8], limits: OTLPLimits = OTLPLimits()) throws(OTLPError) {
        var budget = OTLPBudget(limits)
        var reader = JSONReader(bytes)
        var list: [ResourceMetrics] = []
        try reader.message { reader, name throws(OTLPError) in
            guard name == "resourceMetrics" else { return try reader.skip() }
            try reader.array { reader throws(OTLPError) in list.append(try ResourceMetrics(&reader, &budget)) }
        }
        try reader.end()
        self.init(resourceMetrics: list)
    }
}

extension ResourceMetrics {
    fileprivate init(_ reader: inout JSONReader, _ budget: inout OTLPBudget) throws(OTLPError) {
        self.init()
        try reader.message { reader, name throws(OTLPError) in
            switch name {
            case "resource": resource = try Resource(&reader, &budget)
            case "scopeMetrics":
                try reader.array { reader throws(OTLPError) in
                    scopeMetrics.append(try ScopeMetrics(&reader, &budget))
                }
            case "schemaUrl": schemaURL = try reader.string()
            default: try reader.skip()
            }
        }
    }
}

extension ScopeMetrics {
    fileprivate init(_ reader: inout JSONReader, _ budget: inout OTLPBudget) throws(OTLPError) {
        self.init()
        try reader.message { reader, name throws(OTLPError) in
            switch name {
            case "scope": scope = try InstrumentationScope(&reader, &budget)
            case "metrics":
                try reader.array { reader throws(OTLPError) in metrics.append(try Metric(&reader, &budget)) }
            case "schemaUrl": schemaURL = try reader.string()
            default: try reader.skip()
            }
        }
    }
}

extension Metric {
    fileprivate init(_ reader: inout JSONReader, _ budget: inout OTLPBudget) throws(OTLPError) {
        self.init(name: "")
        try reader.message { reader, name throws(OTLPError) in
            switch name {
            case "name": self.name = try reader.string()
            case "description": description = try reader.string()
            case "unit": unit = try reader.string()
            case "gauge":
                var list = PointList<NumberPoint>()
                try list.read(&reader, &budget) { r, b throws(OTLPError) in try NumberPoint(&r, &b) }
                points = .gauge(list.points)
            case "sum":
                var list = PointList<NumberPoint>()
                try list.read(&reader, &budget) { r, b throws(OTLPError) in try NumberPoint(&r, &b) }
                points = .sum(list.points, list.temporality, isMonotonic: list.isMonotonic)
            case "histogram":
                var list = PointList<HistogramPoint>()
                try list.read(&reader, &budget) { r, b throws(OTLPError) in try HistogramPoint(&r, &b) }
                points = .histogram(list.points, list.temporality)
            case "exponentialHistogram":
                var list = PointList<ExponentialHistogramPoint>()
                try list.read(&reader, &budget) { r, b throws(OTLPError) in try ExponentialHistogramPoint(&r, &b) }
                points = .exponentialHistogram(list.points, list.temporality)
            case "summary":
                var list = PointList<SummaryPoint>()
                try list.read(&reader, &budget) { r, b throws(OTLPError) in try SummaryPoint(&r, &b) }
                points = .summary(list.points)
            default: try reader.skip()
            }
        }
    }

    /// `Gauge`, `Sum` and the histograms, which name their fields alike.
    private struct PointList<Point> {
        var points: [Point] = []
        var temporality = Temporality.unspecified
        var isMonotonic = false

        mutating func read(
            _ reader: inout JSONReader,
            _ budget: inout OTLPBudget,
            _ read: (inout JSONReader, inout OTLPBudget) throws(OTLPError) -> Point
        ) throws(OTLPError) {
            try reader.message { reader, name throws(OTLPError) in
                switch name {
                case "dataPoints":
                    try reader.array { reader throws(OTLPError) in
                        try budget.takePoint()
                        points.append(try read(&reader, &budget))
                    }
                case "aggregationTemporality":
                    temporality = Temporality(rawValue: Int(try reader.int32())) ?? .unspecified
                case "isMonotonic": isMonotonic = try reader.bool()
                default: try reader.skip()
                }
            }
        }
    }
}
