import MartletProtobuf

extension MetricsRequest {
    /// The request as protobuf bytes, to be compressed and sent.
    ///
    /// - Complexity: O(*n*) in the number of bytes.
    public func encoded() -> [UInt8] {
        var writer = ProtobufWriter()
        for resource in resourceMetrics { writer.message(1) { resource.encode(to: &$0) } }
        return writer.bytes
    }
}

extension ResourceMetrics {
    fileprivate func encode(to writer: inout ProtobufWriter) {
        writer.message(1) { resource.encode(to: &$0) }
        for scope in scopeMetrics { writer.message(2) { scope.encode(to: &$0) } }
        writer.text(3, ifSet: schemaURL)
    }
}

extension ScopeMetrics {
    fileprivate func encode(to writer: inout ProtobufWriter) {
        writer.message(1) { scope.encode(to: &$0) }
        for metric in metrics { writer.message(2) { metric.encode(to: &$0) } }
        writer.text(3, ifSet: schemaURL)
    }
}

extension Metric {
    fileprivate func encode(to writer: inout ProtobufWriter) {
        writer.text(1, ifSet: name)
        writer.text(2, ifSet: description)
        writer.text(3, ifSet: unit)
        switch points {
        case .gauge(let points):
            writer.message(5) { for point in points { $0.message(1) { point.encode(to: &$0) } } }
        case .sum(let points, let temporality, let isMonotonic):
            writer.message(7) {
                for point in points { $0.message(1) { point.encode(to: &$0) } }
                $0.unsigned(2, ifSet: UInt64(temporality.rawValue))
                $0.unsigned(3, ifSet: isMonotonic ? 1 : 0)
            }
        case .histogram(let points, let temporality):
            writer.message(9) {
                for point in points { $0.message(1) { point.encode(to: &$0) } }
                $0.unsigned(2, ifSet: UInt64(temporality.rawValue))
            }
        case .exponentialHistogram(let points, let temporality):
            writer.message(10) {
                for point in points { $0.message(1) { point.encode(to: &$0) } }
                $0.unsigned(2, ifSet: UInt64(temporality.rawValue))
            }
        case .summary(let points):
            writer.message(11) { for point in points { $0.message(1) { point.encode(to: &$0) } } }
        case .none: break
        }
    }
}

extension NumberPoint {
    fileprivate func encode(to writer: inout ProtobufWriter) {
        writer.fixed64(2, ifSet: start)
        writer.fixed64(3, ifSet: time)
        if case .double(let number) = value { writer.double(4, number) }
        for exemplar in exemplars { writer.message(5) { exemplar.encode(to: &$0) } }
        if case .int(let number) = value { writer.fixed64(6, UInt64(bitPattern: number)) }
        for attribute in attributes { writer.message(7) { attribute.encode(to: &$0) } }
        writer.unsigned(8, ifSet: hasNoRecordedValue ? 1 : 0)
    }
}

extension HistogramPoint {
    fileprivate func encode(to writer: inout ProtobufWriter) {
        writer.fixed64(2, ifSet: start)
        writer.fixed64(3, ifSet: time)
        writer.fixed64(4, ifSet: count)
        if let sum { writer.double(5, sum) }
        if !bucketCounts.isEmpty { writer.packedDouble(6, bucketCounts.map { Double(bitPattern: $0) }) }
        if !explicitBounds.isEmpty { writer.packedDouble(7, explicitBounds) }
        for exemplar in exemplars { writer.message(8) { exemplar.encode(to: &$0) } }
        for attribute in attributes { writer.message(9) { attribute.encode(to: &$0) } }
        writer.unsigned(10, ifSet: hasNoRecordedValue ? 1 : 0)
        if let minimum { writer.double(11, minimum) }
        if let maximum { writer.double(12, maximum) }
    }
}

extension ExponentialHistogramPoint {
    fileprivate func encode(to writer: inout ProtobufWriter) {
        for attribute in attributes { writer.message(1) { attribute.encode(to: &$0) } }
        writer.fixed64(2, ifSet: start)
        writer.fixed64(3, ifSet: time)
        writer.fixed64(4, ifSet: count)
        if let sum { writer.double(5, sum) }
        if scale != 0 { writer.signed(6, Int64(scale)) }
        writer.fixed64(7, ifSet: zeroCount)
        if positive != Buckets() { writer.message(8) { positive.encode(to: &$0) } }
        if negative != Buckets() { writer.message(9) { negative.encode(to: &$0) } }
        writer.unsigned(10, ifSet: hasNoRecordedValue ? 1 : 0)
        for exemplar in exemplars { writer.message(11) { exemplar.encode(to: &$0) } }
        if let minimum { writer.double(12, minimum) }
        if let maximum { writer.double(13, maximum) }
        writer.double(14, ifSet: zeroThreshold)
    }
}

extension ExponentialHistogramPoint.Buckets {
    fileprivate func encode(to writer: inout ProtobufWriter) {
        if offset != 0 { writer.signed(1, Int64(offset)) }
        if !counts.isEmpty { writer.packedUnsigned(2, counts) }
    }
}

extension SummaryPoint {
    fileprivate func encode(to writer: inout ProtobufWriter) {
        writer.fixed64(2, ifSet: start)
        writer.fixed64(3, ifSet: time)
        writer.fixed64(4, ifSet: count)
        writer.double(5, ifSet: sum)
        for quantile in quantiles {
            writer.message(6) {
                $0.double(1, ifSet: quantile.quantile)
                $0.double(2, ifSet: quantile.value)
            }
        }
        for attribute in attributes { writer.message(7) { attribute.encode(to: &$0) } }
        writer.unsigned(8, ifSet: hasNoRecordedValue ? 1 : 0)
    }
}

extension MetricExemplar {
    fileprivate func encode(to writer: inout ProtobufWriter) {
        writer.fixed64(2, ifSet: time)
        if case .double(let number) = value { writer.double(3, number) }
        if !spanID.isEmpty { writer.bytes(4, spanID) }
        if !traceID.isEmpty { writer.bytes(5, traceID) }
        if case .int(let number) = value { writer.fixed64(6, UInt64(bitPattern: number)) }
        for attribute in attributes { writer.message(7) { attribute.encode(to: &$0) } }
    }
}
