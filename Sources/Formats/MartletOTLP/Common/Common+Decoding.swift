import MartletCore
import MartletProtobuf

extension ProtobufReader {
    /// A text inside, repaired where it is not UTF-8.
    func repairedText(_ field: Field) throws(ProtobufError) -> String {
        String(decoding: bytes[try range(field)], as: UTF8.self)
    }

    /// A `fixed64` or `sfixed64` inside.
    func fixed64(_ field: Field) throws(ProtobufError) -> UInt64 {
        try double(field).bitPattern
    }
}

extension Resource {
    init(_ message: ProtobufReader, _ budget: inout OTLPBudget) throws {
        self.init()
        var reader = message
        while let field = try reader.next() {
            guard field.number == 1 else { continue }
            attributes.append(try Attribute(try reader.message(field), &budget))
        }
    }
}

extension InstrumentationScope {
    init(_ message: ProtobufReader, _ budget: inout OTLPBudget) throws {
        self.init()
        var reader = message
        while let field = try reader.next() {
            switch field.number {
            case 1: name = try reader.repairedText(field)
            case 2: version = try reader.repairedText(field)
            case 3: attributes.append(try Attribute(try reader.message(field), &budget))
            default: break
            }
        }
    }
}

extension Attribute {
    init(_ message: ProtobufReader, _ budget: inout OTLPBudget, depth: Int = 0) throws {
        self.init("", .empty)
        try budget.takeAttribute()
        var reader = message
        while let field = try reader.next() {
            switch field.number {
            case 1: key = try reader.repairedText(field)
            case 2: value = try AttributeValue(try reader.message(field), &budget, depth: depth)
            default: break
            }
        }
    }
}

extension AttributeValue {
    init(_ message: ProtobufReader, _ budget: inout OTLPBudget, depth: Int) throws {
        try budget.checkDepth(depth)
        self = .empty
        var reader = message
        while let field = try reader.next() {
            switch field.number {
            case 1: self = .string(try reader.repairedText(field))
            case 2: self = .bool(try reader.unsigned(field) != 0)
            case 3: self = .int(try reader.integer(field))
            case 4: self = .double(try reader.double(field))
            case 5:
                var list = try reader.message(field)
                var values: [AttributeValue] = []
                while let field = try list.next() {
                    guard field.number == 1 else { continue }
                    try budget.takeAttribute()
                    values.append(try AttributeValue(try list.message(field), &budget, depth: depth + 1))
                }
                self = .array(values)
            case 6:
                var list = try reader.message(field)
                var attributes: [Attribute] = []
                while let field = try list.next() {
                    guard field.number == 1 else { continue }
                    attributes.append(try Attribute(try list.message(field), &budget, depth: depth + 1))
                }
                self = .map(attributes)
            case 7: self = .bytes(Array(reader.bytes[try reader.range(field)]))
            default: break
            }
        }
    }
}
