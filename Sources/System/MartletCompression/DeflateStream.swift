import CZlib

/// One run of zlib over whole arrays.
enum DeflateStream {
    /// What stands around the compressed bytes.
    enum Container: String {
        case gzip
        case zlib

        /// The window of 32 KiB, plus zlib's mark for a gzip header.
        var windowBits: Int32 { self == .gzip ? 15 + 16 : 15 }
    }

    /// zlib counts its input and output in 32 bits; longer arrays are handed over in pieces.
    private static let pieceMax = 1 << 30

    static func compress(_ bytes: [UInt8], level: Int, container: Container) -> [UInt8] {
        precondition((0...9).contains(level), "compression needs a level in 0...9; got \(level)")
        var stream = unsafe z_stream()
        // It fails only for want of memory, where Swift's own allocations stop the program too.
        let started = unsafe martlet_deflate_init(&stream, Int32(level), container.windowBits)
        precondition(started == Z_OK, "zlib has no memory")
        defer { unsafe deflateEnd(&stream) }
        let capacity = unsafe Int(deflateBound(&stream, UInt(bytes.count)))
        return unsafe Array(unsafeUninitializedCapacity: capacity) { output, count in
            unsafe bytes.withUnsafeBufferPointer { input in
                var used = 0
                while true {
                    let inPiece = min(input.count - used, pieceMax)
                    let outPiece = min(output.count - count, pieceMax)
                    // zlib never writes through `next_in`; the C header lacks the `const`.
                    unsafe stream.next_in = UnsafeMutablePointer(mutating: input.baseAddress.map { unsafe $0 + used })
                    unsafe stream.avail_in = UInt32(inPiece)
                    unsafe stream.next_out = output.baseAddress.map { unsafe $0 + count }
                    unsafe stream.avail_out = UInt32(outPiece)
                    let isLast = used + inPiece == input.count
                    let status = unsafe deflate(&stream, isLast ? Z_FINISH : Z_NO_FLUSH)
                    unsafe used += inPiece - Int(stream.avail_in)
                    unsafe count += outPiece - Int(stream.avail_out)
                    if status == Z_STREAM_END { return }
                    precondition(status == Z_OK, "the output has deflateBound bytes")
                }
            }
        }
    }

    static func decompress(_ bytes: [UInt8], limit: Int, container: Container) throws(CompressionError) -> [UInt8] {
        guard !bytes.isEmpty else { throw .damaged("\(container) data is empty") }
        var stream = unsafe z_stream()
        guard unsafe martlet_inflate_init(&stream, container.windowBits) == Z_OK else {
            throw .damaged("zlib has no memory to start")
        }
        defer { unsafe inflateEnd(&stream) }
        var result: [UInt8] = []
        var used = 0
        while true {
            // One byte above the limit tells a result that fits from one that does not.
            let room = min(max(bytes.count, result.count, 512), limit + 1 - result.count, pieceMax)
            let step = unsafe inflateStep(&stream, bytes, from: used, appendingTo: &result, room: room)
            used += step.used
            guard result.count <= limit else { throw .tooLarge(limit: limit) }
            switch step.status {
            case Z_STREAM_END where used == bytes.count:
                return result
            case Z_STREAM_END where container == .gzip:
                unsafe inflateReset(&stream)
            case Z_STREAM_END:
                throw .damaged("\(container) data has \(bytes.count - used) bytes after its end")
            case Z_OK where step.used > 0 || step.written > 0:
                continue
            case Z_OK, Z_BUF_ERROR:
                throw .damaged("\(container) data ends too early, after \(bytes.count) bytes")
            default:
                let reason = unsafe stream.msg.map { unsafe String(cString: $0) } ?? "code \(step.status)"
                throw .damaged("\(container) data is damaged near byte \(used): \(reason)")
            }
        }
    }

    private static func inflateStep(
        _ stream: inout z_stream,
        _ bytes: [UInt8],
        from used: Int,
        appendingTo result: inout [UInt8],
        room: Int
    ) -> (status: Int32, used: Int, written: Int) {
        let inPiece = min(bytes.count - used, pieceMax)
        var status = Z_OK
        let chunk = unsafe [UInt8](unsafeUninitializedCapacity: room) { output, count in
            unsafe bytes.withUnsafeBufferPointer { input in
                unsafe stream.next_in = UnsafeMutablePointer(mutating: input.baseAddress.map { unsafe $0 + used })
                unsafe stream.avail_in = UInt32(inPiece)
                unsafe stream.next_out = output.baseAddress
                unsafe stream.avail_out = UInt32(room)
                status = unsafe inflate(&stream, Z_NO_FLUSH)
            }
            count = unsafe room - Int(stream.avail_out)
        }
        if result.isEmpty { result = chunk } else { result += chunk }
        return unsafe (status, inPiece - Int(stream.avail_in), chunk.count)
    }
}
