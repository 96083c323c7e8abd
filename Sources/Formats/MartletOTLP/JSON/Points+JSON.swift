import MartletCore

extension NumberPoint {
    init(_ reader: inout JSONReader, _ budget: inout OTLPBudget) throws(OTLPError) {
        self.init()
        try reader.message { reader, name throws(OTLPError) in
            switch name {
            case "attributes": attributes = try Attribute.list(&reader, &budget)
            case "startTimeUnixNano": start = try reader.uint64()
            case "timeUnixNano": time = try reader.uint64()
            case "asDouble": value = .double(try reader.double())
            case "asInt": value = .int(try reader.int64())
            case "exemplars": exemplars = try MetricExemplar.list(&reader, &budget)
            case "flags": hasNoRecordedValue = try reader.uint64() & 1 != 0
            default: try reader.skip()
            }
        }
    }
}

extension HistogramPoint {
    init(_ reader: inout JSONReader, _ budget: inout OTLPBudget) throws(OTLPError) {
        self.init()
        try reader.message { reader, name throws(OTLPError) in
            switch name {
            case "attributes": attributes = try Attribute.list(&reader, &budget)
            case "startTimeUnixNano": start = try reader.uint64()
            case "timeUnixNano": time = try reader.uint64()
            case "count": count = try reader.uint64()
            case "sum": sum = try reader.double()
            case "bucketCounts": bucketCounts = try reader.counts(&budget)
            case "explicitBounds":
                try reader.array { reader throws(OTLPError) in
                    try budget.takeBuckets(1)
                    explicitBounds.append(try reader.double())
                }
            case "min": minimum = try reader.double()
            case "max": maximum = try reader.double()
            case "exemplars": exemplars = try MetricExemplar.list(&reader, &budget)
            case "flags": hasNoRecordedValue = try reader.uint64() & 1 != 0
            default: try reader.skip()
            }
        }
    }
}

extension ExponentialHistogramPoint {
    init(_ reader: inout JSONReader, _ budget: inout OTLPBudget) throws(OTLPError) {
        self.init()
        try reader.message { reader, name throws(OTLPError) in
            switch name {
            case "attributes": attributes = try Attribute.list(&reader, &budget)
            case "startTimeUnixNano": start = try reader.uint64()
            case "timeUnixNano": time = try reader.uint64()
            case "count": count = try reader.uint64()
            case "sum": sum = try reader.double()
            case "scale": scale = try reader.int32()
            case "zeroCount": zeroCount = try reader.uint64()
            case "zeroThreshold": zeroThreshold = try reader.double()
            case "positive": positive = try Buckets(&reader, &budget)
            case "negative": negative = try Buckets(&reader, &budget)
            case "min": minimum = try reader.double()
            case "max": maximum = try reader.double()
            case "exemplars": exemplars = try MetricExemplar.list(&reader, &budget)
            case "flags": hasNoRecordedValue = try reader.uint64() & 1 != 0
            default: try reader.skip()
            }
        }
    }
}

extension ExponentialHistogramPoint.Buckets {
    fileprivate init(_ reader: inout JSONReader, _ budget: inout OTLPBudget) throws(OTLPError) {
        self.init()
        try reader.message { reader, name throws(OTLPError) in
            switch name {
            case "offset": offset = try reader.int32()
            case "bucketCounts": counts = try reader.counts(&budget)
            default: try reader.skip()
            }
        }
    }
}

extension SummaryPoint {
    init(_ reader: inout JSONReader, _ budget: inout OTLPBudget) throws(OTLPError) {
        self.init()
        try reader.message { reader, name throws(OTLPError) in
            switch name {
            case "attributes": attributes = try Attribute.list(&reader, &budget)
            case "startTimeUnixNano": start = try reader.uint64()
            case "timeUnixNano": time = try reader.uint64()
            case "count": count = try reader.uint64()
            case "sum": sum = try reader.double()
            case "quantileValues":
                try reader.array { reader throws(OTLPError) in
                    try budget.takeBuckets(1)
                    var quantile = Quantile(quantile: 0, value: 0)
                    try reader.message { reader, name throws(OTLPError) in
                        switch name {
                        case "quantile": quantile.quantile = try reader.double()
                        case "value": quantile.value = try reader.double()
                        default: try reader.skip()
                        }
                    }
                    quantiles.append(quantile)
                }
            case "flags": hasNoRecordedValue = try reader.uint64() & 1 != 0
            default: try reader.skip()
            }
        }
    }
}

extension MetricExemplar {
    static func list(_ reader: inout JSONReader, _ budget: inout OTLPBudget) throws(OTLPError) -> [MetricExemplar] {
        var list: [MetricExemplar] = []
        try reader.array { reader throws(OTLPError) in
            try budget.takeExemplar()
            var exemplar = MetricExemplar()
            try reader.message { reader, name throws(OTLPError) in
                switch name {
                case "filteredAttributes": exemplar.attributes = try Attribute.list(&reader, &budget)
                case "timeUnixNano": exemplar.time = try reader.uint64()
                case "asDouble": exemplar.value = .double(try reader.double())
                case "asInt": exemplar.value = .int(try reader.int64())
                case "spanId": exemplar.spanID = try reader.hexadecimal()
                case "traceId": exemplar.traceID = try reader.hexadecimal()
                default: try reader.skip()
                }
            }
            list.append(exemplar)
        }
        return list
    }
}

extension JSONReader {
    fileprivate mutating func counts(_ budget: inout OTLPBudget) throws(OTLPError) -> [UInt64] {
        var counts: [UInt64] = []
        try array { reader throws(OTLPError) in
            try budget.takeBuckets(1)
            counts.append(try reader.uint64())
        }
        return counts
    }
}
