import MartletCore
import MartletProtobuf

/// What the answers of the three signals have in common.
struct PartialSuccess {
    var rejected = 0
    var message = ""

    init(rejected: Int = 0, message: String = "") {
        self.rejected = rejected
        self.message = message
    }

    func protobuf() -> [UInt8] {
        guard rejected > 0 || !message.isEmpty else { return [] }
        var writer = ProtobufWriter()
        writer.message(1) { part in
            part.integer(1, ifSet: Int64(rejected))
            part.text(2, ifSet: message)
        }
        return writer.bytes
    }

    func json(member: String) -> [UInt8] {
        guard rejected > 0 || !message.isEmpty else { return Array("{}".utf8) }
        let text =
            "{\"partialSuccess\":{\"\(member)\":\"\(rejected)\",\"errorMessage\":" + JSONText.quoted(message) + "}}"
        return Array(text.utf8)
    }

    init(decoding bytes: [UInt8]) throws(OTLPError) {
        var reader = ProtobufReader(bytes)
        do {
            while let field = try reader.next() {
                guard field.number == 1 else { continue }
                var part = try reader.message(field)
                while let field = try part.next() {
                    switch field.number {
                    case 1: rejected = Int(clamping: try part.integer(field))
                    case 2: message = try part.repairedText(field)
                    default: break
                    }
                }
            }
        } catch {
            throw .protobuf(error)
        }
    }

    init(json bytes: [UInt8], member: String) throws(OTLPError) {
        var reader = JSONReader(bytes)
        var (rejected, message) = (0, "")
        try reader.message { reader, name throws(OTLPError) in
            guard name == "partialSuccess" else { return try reader.skip() }
            try reader.message { reader, name throws(OTLPError) in
                switch name {
                case member: rejected = Int(clamping: try reader.int64())
                case "errorMessage": message = try reader.string()
                default: try reader.skip()
                }
            }
        }
        self.init(rejected: rejected, message: message)
    }
}
