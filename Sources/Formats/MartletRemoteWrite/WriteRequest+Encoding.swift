import MartletCore
import MartletProtobuf

extension WriteRequest {
    /// The request as protobuf bytes, to be compressed and sent.
    ///
    /// The labels are written as they are: ``WriteSeries`` says that they are sorted.
    ///
    /// - Parameter version: The version of the protocol.
    /// - Returns: The message.
    public func encoded(as version: Version = .version1) -> [UInt8] {
        switch version {
        case .version1: version1()
        case .version2: version2()
        }
    }

    private func version1() -> [UInt8] {
        var writer = ProtobufWriter()
        for series in series {
            writer.message(1) { part in
                for label in series.labels { part.label(label) }
                for sample in series.samples { part.sample(sample) }
                for exemplar in series.exemplars {
                    part.message(3) {
                        for label in exemplar.labels { $0.label(label) }
                        $0.double(2, ifSet: exemplar.value)
                        $0.integer(3, ifSet: exemplar.timestamp)
                    }
                }
                for histogram in series.histograms { part.message(4) { histogram.encode(to: &$0) } }
            }
        }
        for entry in metadata {
            writer.message(3) {
                $0.unsigned(1, ifSet: WireType.number(of: entry.metadata.type))
                $0.text(2, entry.name)
                $0.text(4, ifSet: entry.metadata.help)
                $0.text(5, ifSet: entry.metadata.unit)
            }
        }
        return writer.bytes
    }

    private func version2() -> [UInt8] {
        var symbols = SymbolTable()
        var body = ProtobufWriter()
        for series in series {
            body.message(5) { part in
                part.bytes(1, symbols.references(series.labels))
                for sample in series.samples { part.sample(sample) }
                for histogram in series.histograms { part.message(3) { histogram.encode(to: &$0) } }
                for exemplar in series.exemplars {
                    part.message(4) {
                        $0.bytes(1, symbols.references(exemplar.labels))
                        $0.double(2, ifSet: exemplar.value)
                        $0.integer(3, ifSet: exemplar.timestamp)
                    }
                }
                if let metadata = series.metadata {
                    part.message(5) {
                        $0.unsigned(1, ifSet: WireType.number(of: metadata.type))
                        $0.unsigned(3, ifSet: symbols.reference(metadata.help))
                        $0.unsigned(4, ifSet: symbols.reference(metadata.unit))
                    }
                }
                part.integer(6, ifSet: series.created)
            }
        }
        var writer = ProtobufWriter()
        for text in symbols.texts { writer.text(4, text) }
        return writer.bytes + body.bytes
    }
}

/// The texts of a 2.0 request, each once.
private struct SymbolTable {
    private(set) var texts = [""]
    private var places = ["": UInt64(0)]

    mutating func reference(_ text: String) -> UInt64 {
        if let place = places[text] { return place }
        places[text] = UInt64(texts.count)
        texts.append(text)
        return UInt64(texts.count - 1)
    }

    /// A packed list of the labels' names and values.
    mutating func references(_ labels: [Label]) -> [UInt8] {
        var bytes: [UInt8] = []
        for label in labels {
            for text in [label.name, label.value] {
                var rest = reference(text)
                while rest >= 0x80 {
                    bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
                    rest >>= 7
                }
                bytes.append(UInt8(rest))
            }
        }
        return bytes
    }
}

extension ProtobufWriter {
    fileprivate mutating func label(_ label: Label) {
        message(1) {
            $0.text(1, label.name)
            $0.text(2, label.value)
        }
    }

    fileprivate mutating func sample(_ sample: WriteSeries.Sample) {
        message(2) {
            $0.double(1, ifSet: sample.value)
            $0.integer(2, ifSet: sample.timestamp)
        }
    }
}
