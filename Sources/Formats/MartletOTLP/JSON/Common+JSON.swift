import MartletCore

extension Resource {
    init(_ reader: inout JSONReader, _ budget: inout OTLPBudget) throws(OTLPError) {
        self.init()
        try reader.message { reader, name throws(OTLPError) in
            switch name {
            case "attributes": attributes = try Attribute.list(&reader, &budget)
            default: try reader.skip()
            }
        }
    }
}

extension InstrumentationScope {
    init(_ reader: inout JSONReader, _ budget: inout OTLPBudget) throws(OTLPError) {
        self.init()
        try reader.message { reader, name throws(OTLPError) in
            switch name {
            case "name": self.name = try reader.string()
            case "version": version = try reader.string()
            case "attributes": attributes = try Attribute.list(&reader, &budget)
            default: try reader.skip()
            }
        }
    }
}

extension Attribute {
    static func list(
        _ reader: inout JSONReader,
        _ budget: inout OTLPBudget,
        depth: Int = 0
    ) throws(OTLPError) -> [Attribute] {
        var attributes: [Attribute] = []
        try reader.array { reader throws(OTLPError) in
            try budget.takeAttribute()
            var attribute = Attribute("", .empty)
            try reader.message { reader, name throws(OTLPError) in
                switch name {
                case "key": attribute.key = try reader.string()
                case "value": attribute.value = try AttributeValue(&reader, &budget, depth: depth)
                default: try reader.skip()
                }
            }
            attributes.append(attribute)
        }
        return attributes
    }
}

extension AttributeValue {
    init(_ reader: inout JSONReader, _ budget: inout OTLPBudget, depth: Int) throws(OTLPError) {
        try budget.checkDepth(depth)
        var value = AttributeValue.empty
        try reader.message { reader, name throws(OTLPError) in
            switch name {
            case "stringValue": value = .string(try reader.string())
            case "boolValue": value = .bool(try reader.bool())
            case "intValue": value = .int(try reader.int64())
            case "doubleValue": value = .double(try reader.double())
            case "bytesValue":
                let offset = reader.place
                guard let bytes = Base64.decode(try reader.string()) else {
                    throw .json("a bytesValue is not Base64", offset: offset)
                }
                value = .bytes(bytes)
            case "arrayValue":
                var values: [AttributeValue] = []
                try reader.message { reader, name throws(OTLPError) in
                    guard name == "values" else { return try reader.skip() }
                    try reader.array { reader throws(OTLPError) in
                        try budget.takeAttribute()
                        values.append(try AttributeValue(&reader, &budget, depth: depth + 1))
                    }
                }
                value = .array(values)
            case "kvlistValue":
                var attributes: [Attribute] = []
                try reader.message { reader, name throws(OTLPError) in
                    guard name == "values" else { return try reader.skip() }
                    attributes = try Attribute.list(&reader, &budget, depth: depth + 1)
                }
                value = .map(attributes)
            default: try reader.skip()
            }
        }
        self = value
    }
}

extension JSONReader {
    /// Reads an object whose members are a message's fields; `null` stands for a field's default.
    mutating func message(_ member: (inout JSONReader, String) throws(OTLPError) -> Void) throws(OTLPError) {
        try object { reader, name throws(OTLPError) in
            if try !reader.null() { try member(&reader, name) }
        }
    }

    /// Reads an identifier, which OTLP writes in hexadecimal digits.
    mutating func hexadecimal() throws(OTLPError) -> [UInt8] {
        let offset = place
        let digits = Array(try string().utf8)
        guard digits.count % 2 == 0 else { throw .json("an identifier has half a byte", offset: offset) }
        var bytes: [UInt8] = []
        for index in stride(from: 0, to: digits.count, by: 2) {
            guard let byte = UInt8(String(decoding: digits[index..<(index + 2)], as: UTF8.self), radix: 16) else {
                throw .json("an identifier is not hexadecimal", offset: offset)
            }
            bytes.append(byte)
        }
        return bytes
    }
}
