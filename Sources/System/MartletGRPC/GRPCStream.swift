/// One call of a connection.
final class GRPCStream {
    enum Phase {
        /// The request comes in.
        case receiving
        /// A worker has it.
        case working
        /// The answer goes out; what still comes in is dropped.
        case answering
        /// The answer went out before the request was whole.
        case answered
    }

    /// How much of a request is dropped after its answer before the client is told to stop.
    ///
    /// One that is told at once, in the same breath as the answer, may lose the answer: curl does.
    static let droppedMax = 64 << 10

    /// The five bytes before a message: whether it is compressed, and its length.
    static let prefixCount = 5

    /// Until when the request has to be there.
    let deadline: Int64

    var phase = Phase.receiving
    var method = ""
    var path = ""
    var contentType = ""
    var encoding = "identity"
    var headerBytes = 0
    /// The message with its prefix.
    var body: [UInt8] = []
    /// Whether the client has said all.
    var isComplete = false

    /// How much came in after the answer.
    var droppedCount = 0

    /// What goes out as the answer's body, and how much of it has.
    var answer: [UInt8] = []
    var sentCount = 0
    /// How the call ended, for the trailer; `nil` in an answer that is not gRPC.
    var status: GRPCStatus?

    init(deadline: Int64) {
        self.deadline = deadline
    }

    /// Takes a field of the header; those that mean nothing here are only counted, as HTTP/2 counts them.
    func take(name: String, value: @autoclosure () -> String, byteCount: Int, limit: Int) {
        headerBytes += byteCount + 32
        guard headerBytes <= limit else { return }
        switch name {
        case ":method": method = value()
        case ":path": path = value()
        case "content-type": contentType = value().lowercased()
        case "grpc-encoding": encoding = value().lowercased()
        default: break
        }
    }

    /// Whether the request is gRPC's, with messages of protobuf.
    var isGRPC: Bool {
        guard contentType.hasPrefix("application/grpc") else { return false }
        let rest = contentType.dropFirst("application/grpc".count)
        return rest.isEmpty || rest.first == ";" || rest == "+proto" || rest.hasPrefix("+proto;")
    }

    /// The length that the prefix states, once it is there.
    var messageCount: Int? {
        guard body.count >= Self.prefixCount else { return nil }
        return body[1..<Self.prefixCount].reduce(0) { $0 << 8 | Int($1) }
    }
}
