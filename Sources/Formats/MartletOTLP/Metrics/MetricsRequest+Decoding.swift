import MartletCore
import MartletProtobuf

extension MetricsRequest {
    /// Reads a request from its protobuf bytes, already uncompressed.
    ///
    /// Fields that are not known are skipped; texts that are not UTF-8 are repaired with replacement characters.
    ///
    /// - Parameters:
    ///   - bytes: The message.
    ///   - limits: What it may hold at most.
    /// - Throws: ``OTLPError``.
    /// - Complexity: O(*n*) in the number of bytes.
    public init(decoding bytes: [UInt8], limits: OTLPLimits = OTLPLimits()) throws(OTLPError) {
        self.init()
        var budget = OTLPBudget(limits)
        do {
            var reader = ProtobufReader(bytes)
            while let field = try reader.next() {
                guard field.number == 1 else { continue }
                resourceMetrics.append(try ResourceMetrics(try reader.message(field), &budget))
            }
        } catch let error as OTLPError {
            throw error
        } catch let error as ProtobufError {
            throw .protobuf(error)
        } catch {
            preconditionFailure("reading throws no other errors: \(error)")
        }
    }
}

extension ResourceMetrics {
    fileprivate init(_ message: ProtobufReader, _ budget: inout OTLPBudget) throws {
        self.init()
        var reader = message
        while let field = try reader.next() {
            switch field.number {
            case 1: resource = try Resource(try reader.message(field), &budget)
            case 2: scopeMetrics.append(try ScopeMetrics(try reader.message(field), &budget))
            case 3: schemaURL = try reader.repairedText(field)
            default: break
            }
        }
    }
}

extension ScopeMetrics {
    fileprivate init(_ message: ProtobufReader, _ budget: inout OTLPBudget) throws {
        self.init()
        var reader = message
        while let field = try reader.next() {
            switch field.number {
            case 1: scope = try InstrumentationScope(try reader.message(field), &budget)
            case 2: metrics.append(try Metric(try reader.message(field), &budget))
            case 3: schemaURL = try reader.repairedText(field)
            default: break
            }
        }
    }
}

extension Metric {
    fileprivate init(_ message: ProtobufReader, _ budget: inout OTLPBudget) throws {
        self.init(name: "")
        var reader = message
        while let field = try reader.next() {
            switch field.number {
            case 1: name = try reader.repairedText(field)
            case 2: description = try reader.repairedText(field)
            case 3: unit = try reader.repairedText(field)
            case 5:
                let list = try PointList(try reader.message(field), &budget) { try NumberPoint($0, &$1) }
                points = .gauge(list.points)
            case 7:
                let list = try PointList(try reader.message(field), &budget) { try NumberPoint($0, &$1) }
                points = .sum(list.points, list.temporality, isMonotonic: list.isMonotonic)
            case 9:
                let list = try PointList(try reader.message(field), &budget) { try HistogramPoint($0, &$1) }
                points = .histogram(list.points, list.temporality)
            case 10:
                let list = try PointList(try reader.message(field), &budget) { try ExponentialHistogramPoint($0, &$1) }
                points = .exponentialHistogram(list.points, list.temporality)
            case 11:
                let list = try PointList(try reader.message(field), &budget) { try SummaryPoint($0, &$1) }
                points = .summary(list.points)
            default: break
            }
        }
    }

    /// `Gauge`, `Sum` and the histograms, which number their fields alike.
    private struct PointList<Point> {
        var points: [Point] = []
        var temporality = Temporality.unspecified
        var isMonotonic = false

        init(
            _ message: ProtobufReader,
            _ budget: inout OTLPBudget,
            _ read: (ProtobufReader, inout OTLPBudget) throws -> Point
        ) throws {
            var reader = message
            while let field = try reader.next() {
                switch field.number {
                case 1:
                    try budget.takePoint()
                    points.append(try read(try reader.message(field), &budget))
                case 2: temporality = Temporality(rawValue: Int(try reader.integer(field))) ?? .unspecified
                case 3: isMonotonic = try reader.unsigned(field) != 0
                default: break
                }
            }
        }
    }
}
