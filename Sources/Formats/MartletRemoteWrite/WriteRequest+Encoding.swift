import MartletCore

extension WriteRequest {
    /// The request as protobuf bytes, to be compressed and sent; rejections and unsupported parts are not in it.
    ///
    /// The labels are written as they are: ``WriteSeries`` says that they are sorted.
    ///
    /// - Returns: The message.
    public func encoded() -> [UInt8] {
        var bytes: [UInt8] = []
        var part: [UInt8] = []
        for series in series {
            part.removeAll(keepingCapacity: true)
            series.encode(to: &part)
            Wire.append(part, field: 1, to: &bytes)
        }
        for entry in metadata {
            part.removeAll(keepingCapacity: true)
            let type = WireType.number(of: entry.metadata.type)
            if type > 0 {
                Wire.appendVarint(1 << 3, to: &part)
                Wire.appendVarint(type, to: &part)
            }
            Wire.append(entry.name, field: 2, to: &part)
            Wire.append(entry.metadata.help, field: 4, to: &part)
            Wire.append(entry.metadata.unit, field: 5, to: &part)
            Wire.append(part, field: 3, to: &bytes)
        }
        return bytes
    }
}

extension WriteSeries {
    fileprivate func encode(to bytes: inout [UInt8]) {
        var part: [UInt8] = []
        for label in labels {
            part.removeAll(keepingCapacity: true)
            Wire.append(label.name, field: 1, to: &part)
            Wire.append(label.value, field: 2, to: &part)
            Wire.append(part, field: 1, to: &bytes)
        }
        for sample in samples {
            part.removeAll(keepingCapacity: true)
            // What has its default value is left out, as protobuf does; -0 is not the default.
            if sample.value.bitPattern != 0 {
                part.append(1 << 3 | 1)
                for shift in stride(from: UInt64(0), to: 64, by: 8) {
                    part.append(UInt8(truncatingIfNeeded: sample.value.bitPattern >> shift))
                }
            }
            if sample.timestamp != 0 {
                part.append(2 << 3)
                Wire.appendVarint(UInt64(bitPattern: sample.timestamp), to: &part)
            }
            Wire.append(part, field: 2, to: &bytes)
        }
    }
}

/// The writing side of the wire format.
private enum Wire {
    static func appendVarint(_ value: UInt64, to bytes: inout [UInt8]) {
        var rest = value
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(truncatingIfNeeded: rest))
    }

    static func append(_ content: [UInt8], field: UInt64, to bytes: inout [UInt8]) {
        appendVarint(field << 3 | 2, to: &bytes)
        appendVarint(UInt64(content.count), to: &bytes)
        bytes.append(contentsOf: content)
    }

    static func append(_ text: String, field: UInt64, to bytes: inout [UInt8]) {
        guard !text.isEmpty else { return }
        append(Array(text.utf8), field: field, to: &bytes)
    }
}
