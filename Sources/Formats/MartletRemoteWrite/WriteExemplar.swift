public import MartletCore
import MartletProtobuf

/// An exemplar of a remote-write request.
public struct WriteExemplar: Hashable, Sendable {
    /// Its labels in the order sent, such as `trace_id`; repaired where they are not UTF-8.
    public var labels: [Label]

    /// What was observed.
    public var value: Double

    /// When, in milliseconds since the epoch.
    public var timestamp: Int64

    /// Creates an exemplar.
    public init(labels: [Label] = [], value: Double = 0, timestamp: Int64 = 0) {
        self.labels = labels
        self.value = value
        self.timestamp = timestamp
    }

    /// Reads the message of a 1.0 request, which names its labels.
    ///
    /// - Throws: ``RemoteWriteError``.
    public init(version1 bytes: [UInt8], in range: Range<Int>) throws(RemoteWriteError) {
        self.init()
        do throws(ProtobufError) {
            var reader = ProtobufReader(bytes, in: range)
            while let field = try reader.next() {
                switch field.number {
                case 1:
                    var part = try reader.message(field)
                    var label = Label("", "")
                    while let field = try part.next() {
                        switch field.number {
                        case 1: label.name = String(decoding: bytes[try part.range(field)], as: UTF8.self)
                        case 2: label.value = String(decoding: bytes[try part.range(field)], as: UTF8.self)
                        default: break
                        }
                    }
                    labels.append(label)
                case 2: value = try reader.double(field)
                case 3: timestamp = try reader.integer(field)
                default: break
                }
            }
        } catch {
            throw RemoteWriteError(error)
        }
    }

    /// Reads the message of a 2.0 request, whose labels are places in the table of texts.
    ///
    /// - Throws: ``RemoteWriteError``.
    public init(
        version2 bytes: [UInt8],
        in range: Range<Int>,
        symbols: [Range<Int>]
    ) throws(RemoteWriteError) {
        self.init()
        var references: [UInt64] = []
        do throws(ProtobufError) {
            var reader = ProtobufReader(bytes, in: range)
            while let field = try reader.next() {
                switch field.number {
                case 1: try reader.forEachUnsigned(field) { references.append($0) }
                case 2: value = try reader.double(field)
                case 3: timestamp = try reader.integer(field)
                default: break
                }
            }
        } catch {
            throw RemoteWriteError(error)
        }
        guard references.count % 2 == 0 else { throw .oddReferences(offset: range.lowerBound) }
        var texts: [String] = []
        for reference in references {
            texts.append(try WriteRequest.text(reference, bytes, symbols, offset: range.lowerBound))
        }
        for place in stride(from: 0, to: texts.count, by: 2) { labels.append(Label(texts[place], texts[place + 1])) }
    }
}
