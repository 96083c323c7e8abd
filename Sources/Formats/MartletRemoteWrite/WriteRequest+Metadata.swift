public import MartletCore
import MartletProtobuf

extension WriteRequest {
    /// What a metric family says of itself.
    public struct Metadata: Hashable, Sendable {
        /// The family's name.
        public var name: String

        /// Its type, help and unit.
        public var metadata: MetricMetadata

        /// Creates a description.
        public init(name: String, metadata: MetricMetadata) {
            self.name = name
            self.metadata = metadata
        }

        /// Reads the message of a 1.0 request; texts that are not UTF-8 are repaired.
        ///
        /// - Throws: ``RemoteWriteError``.
        public init(version1 bytes: [UInt8], in range: Range<Int>) throws(RemoteWriteError) {
            self.init(name: "", metadata: MetricMetadata(type: .unknown))
            do throws(ProtobufError) {
                var reader = ProtobufReader(bytes, in: range)
                while let field = try reader.next() {
                    switch field.number {
                    case 1: metadata.type = WireType.type(of: try reader.integer(field))
                    case 2: name = String(decoding: bytes[try reader.range(field)], as: UTF8.self)
                    case 4: metadata.help = String(decoding: bytes[try reader.range(field)], as: UTF8.self)
                    case 5: metadata.unit = String(decoding: bytes[try reader.range(field)], as: UTF8.self)
                    default: break
                    }
                }
            } catch {
                throw RemoteWriteError(error)
            }
        }
    }

    /// Reads the description of a series of a 2.0 request; texts that are not UTF-8 are repaired.
    ///
    /// - Parameters:
    ///   - bytes: The request.
    ///   - range: Where the message lies in it.
    ///   - symbols: The request's table of texts.
    /// - Returns: The description, which says nothing where all fields have their default.
    /// - Throws: ``RemoteWriteError``.
    public static func metadata(
        version2 bytes: [UInt8],
        in range: Range<Int>,
        symbols: [Range<Int>]
    ) throws(RemoteWriteError) -> MetricMetadata {
        var metadata = MetricMetadata(type: .unknown)
        var (help, unit): (UInt64, UInt64) = (0, 0)
        do throws(ProtobufError) {
            var reader = ProtobufReader(bytes, in: range)
            while let field = try reader.next() {
                switch field.number {
                case 1: metadata.type = WireType.type(of: try reader.integer(field))
                case 3: help = try reader.unsigned(field)
                case 4: unit = try reader.unsigned(field)
                default: break
                }
            }
        } catch {
            throw RemoteWriteError(error)
        }
        metadata.help = try text(help, bytes, symbols, offset: range.lowerBound)
        metadata.unit = try text(unit, bytes, symbols, offset: range.lowerBound)
        return metadata
    }

    /// A text of the table; 0 is the empty one even where there is no table.
    static func text(
        _ reference: UInt64,
        _ bytes: [UInt8],
        _ symbols: [Range<Int>],
        offset: Int
    ) throws(RemoteWriteError) -> String {
        if reference == 0 { return "" }
        guard reference < UInt64(symbols.count) else {
            throw .unknownSymbol(reference, count: symbols.count, offset: offset)
        }
        return String(decoding: bytes[symbols[Int(reference)]], as: UTF8.self)
    }
}

/// The numbers of the metric types, which both versions of the protocol share.
enum WireType {
    /// The types, each at its number.
    private static let types: [MetricType] = [
        .unknown, .counter, .gauge, .histogram, .gaugeHistogram, .summary, .info, .stateSet,
    ]

    static func type(of number: Int64) -> MetricType {
        types.indices.contains(Int(clamping: number)) ? types[Int(clamping: number)] : .unknown
    }

    static func number(of type: MetricType) -> UInt64 {
        UInt64(types.firstIndex(of: type) ?? 0)
    }
}
