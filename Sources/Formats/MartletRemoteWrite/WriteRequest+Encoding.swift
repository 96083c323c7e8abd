import MartletCore
import MartletProtobuf

extension WriteRequest {
    /// The request as protobuf bytes, to be compressed and sent; rejections and unsupported parts are not in it.
    ///
    /// The labels are written as they are: ``WriteSeries`` says that they are sorted.
    ///
    /// - Returns: The message.
    public func encoded() -> [UInt8] {
        var writer = ProtobufWriter()
        for series in series {
            writer.message(1) { series.encode(to: &$0) }
        }
        for entry in metadata {
            writer.message(3) { part in
                part.unsigned(1, ifSet: WireType.number(of: entry.metadata.type))
                part.text(2, ifSet: entry.name)
                part.text(4, ifSet: entry.metadata.help)
                part.text(5, ifSet: entry.metadata.unit)
            }
        }
        return writer.bytes
    }
}

extension WriteSeries {
    fileprivate func encode(to writer: inout ProtobufWriter) {
        for label in labels {
            writer.message(1) { part in
                part.text(1, ifSet: label.name)
                part.text(2, ifSet: label.value)
            }
        }
        for sample in samples {
            // What has its default value is left out, as protobuf does.
            writer.message(2) { part in
                part.double(1, ifSet: sample.value)
                part.integer(2, ifSet: sample.timestamp)
            }
        }
    }
}
