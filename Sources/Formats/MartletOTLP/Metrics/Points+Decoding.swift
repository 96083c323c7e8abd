import MartletCore
import MartletProtobuf

/// The bit of a point's flags that says "there is no value".
private let noRecordedValueFlag: UInt64 = 1

extension NumberPoint {
    init(_ message: ProtobufReader, _ budget: inout OTLPBudget) throws {
        self.init()
        var reader = message
        while let field = try reader.next() {
            switch field.number {
            case 2: start = try reader.fixed64(field)
            case 3: time = try reader.fixed64(field)
            case 4: value = .double(try reader.double(field))
            case 5: exemplars.append(try MetricExemplar(try reader.message(field), &budget))
            case 6: value = .int(Int64(bitPattern: try reader.fixed64(field)))
            case 7: attributes.append(try Attribute(try reader.message(field), &budget))
            case 8: hasNoRecordedValue = try reader.unsigned(field) & noRecordedValueFlag != 0
            default: break
            }
        }
    }
}

extension HistogramPoint {
    init(_ message: ProtobufReader, _ budget: inout OTLPBudget) throws {
        self.init()
        var reader = message
        while let field = try reader.next() {
            switch field.number {
            case 2: start = try reader.fixed64(field)
            case 3: time = try reader.fixed64(field)
            case 4: count = try reader.fixed64(field)
            case 5: sum = try reader.double(field)
            case 6:
                let known = bucketCounts.count
                try reader.forEachDouble(field) { bucketCounts.append($0.bitPattern) }
                try budget.takeBuckets(bucketCounts.count - known)
            case 7:
                let known = explicitBounds.count
                try reader.forEachDouble(field) { explicitBounds.append($0) }
                try budget.takeBuckets(explicitBounds.count - known)
            case 8: exemplars.append(try MetricExemplar(try reader.message(field), &budget))
            case 9: attributes.append(try Attribute(try reader.message(field), &budget))
            case 10: hasNoRecordedValue = try reader.unsigned(field) & noRecordedValueFlag != 0
            case 11: minimum = try reader.double(field)
            case 12: maximum = try reader.double(field)
            default: break
            }
        }
    }
}

extension ExponentialHistogramPoint {
    init(_ message: ProtobufReader, _ budget: inout OTLPBudget) throws {
        self.init()
        var reader = message
        while let field = try reader.next() {
            switch field.number {
            case 1: attributes.append(try Attribute(try reader.message(field), &budget))
            case 2: start = try reader.fixed64(field)
            case 3: time = try reader.fixed64(field)
            case 4: count = try reader.fixed64(field)
            case 5: sum = try reader.double(field)
            case 6: scale = Int32(truncatingIfNeeded: try reader.signed(field))
            case 7: zeroCount = try reader.fixed64(field)
            case 8: positive = try Buckets(try reader.message(field), &budget)
            case 9: negative = try Buckets(try reader.message(field), &budget)
            case 10: hasNoRecordedValue = try reader.unsigned(field) & noRecordedValueFlag != 0
            case 11: exemplars.append(try MetricExemplar(try reader.message(field), &budget))
            case 12: minimum = try reader.double(field)
            case 13: maximum = try reader.double(field)
            case 14: zeroThreshold = try reader.double(field)
            default: break
            }
        }
    }
}

extension ExponentialHistogramPoint.Buckets {
    fileprivate init(_ message: ProtobufReader, _ budget: inout OTLPBudget) throws {
        self.init()
        var reader = message
        while let field = try reader.next() {
            switch field.number {
            case 1: offset = Int32(truncatingIfNeeded: try reader.signed(field))
            case 2:
                let known = counts.count
                try reader.forEachUnsigned(field) { counts.append($0) }
                try budget.takeBuckets(counts.count - known)
            default: break
            }
        }
    }
}

extension SummaryPoint {
    init(_ message: ProtobufReader, _ budget: inout OTLPBudget) throws {
        self.init()
        var reader = message
        while let field = try reader.next() {
            switch field.number {
            case 2: start = try reader.fixed64(field)
            case 3: time = try reader.fixed64(field)
            case 4: count = try reader.fixed64(field)
            case 5: sum = try reader.double(field)
            case 6:
                try budget.takeBuckets(1)
                var part = try reader.message(field)
                var quantile = Quantile(quantile: 0, value: 0)
                while let field = try part.next() {
                    switch field.number {
                    case 1: quantile.quantile = try part.double(field)
                    case 2: quantile.value = try part.double(field)
                    default: break
                    }
                }
                quantiles.append(quantile)
            case 7: attributes.append(try Attribute(try reader.message(field), &budget))
            case 8: hasNoRecordedValue = try reader.unsigned(field) & noRecordedValueFlag != 0
            default: break
            }
        }
    }
}

extension MetricExemplar {
    init(_ message: ProtobufReader, _ budget: inout OTLPBudget) throws {
        self.init()
        try budget.takeExemplar()
        var reader = message
        while let field = try reader.next() {
            switch field.number {
            case 2: time = try reader.fixed64(field)
            case 3: value = .double(try reader.double(field))
            case 4: spanID = Array(reader.bytes[try reader.range(field)])
            case 5: traceID = Array(reader.bytes[try reader.range(field)])
            case 6: value = .int(Int64(bitPattern: try reader.fixed64(field)))
            case 7: attributes.append(try Attribute(try reader.message(field), &budget))
            default: break
            }
        }
    }
}
