import CZlib

// Safety: the stream is made and freed by this object alone, which is not shared between threads.

/// Compresses bytes to one gzip file piece by piece, so that neither the whole input nor the whole output is in memory.
///
/// ```swift
/// let writer = GzipWriter(level: 1)
/// for chunk in chunks { send(writer.compress(chunk)) }
/// send(writer.finish())
/// ```
@safe
public final class GzipWriter {
    private let stream: UnsafeMutablePointer<z_stream>
    private var hasFinished = false

    /// Creates a writer.
    ///
    /// - Parameter level: How hard to try, from 1 (fast) to 9 (small).
    /// - Precondition: `level` is in `0...9`.
    public init(level: Int = 6) {
        precondition((0...9).contains(level), "compression needs a level in 0...9; got \(level)")
        unsafe stream = .allocate(capacity: 1)
        unsafe stream.initialize(to: z_stream())
        // It fails only for want of memory, where Swift's own allocations stop the program too.
        let started = unsafe martlet_deflate_init(stream, Int32(level), DeflateStream.Container.gzip.windowBits)
        precondition(started == Z_OK, "zlib has no memory")
    }

    deinit {
        unsafe deflateEnd(stream)
        unsafe stream.deallocate()
    }

    /// Takes bytes in, and gives what is ready of the file; often nothing, until enough has come together.
    ///
    /// - Precondition: ``finish()`` was not called.
    public func compress(_ bytes: [UInt8]) -> [UInt8] {
        precondition(!hasFinished, "a finished gzip file takes no more bytes")
        return run(bytes, Z_NO_FLUSH)
    }

    /// The rest of the file.
    public func finish() -> [UInt8] {
        guard !hasFinished else { return [] }
        hasFinished = true
        return run([], Z_FINISH)
    }

    private func run(_ bytes: [UInt8], _ flush: Int32) -> [UInt8] {
        precondition(bytes.count <= UInt32.max, "pieces have at most 4 GiB")
        var result: [UInt8] = []
        unsafe bytes.withUnsafeBufferPointer { input in
            // zlib never writes through `next_in`; the C header lacks the `const`.
            unsafe stream.pointee.next_in = UnsafeMutablePointer(mutating: input.baseAddress)
            unsafe stream.pointee.avail_in = UInt32(input.count)
            var room = 0
            repeat {
                room = max(4096, input.count / 4)
                let piece = unsafe [UInt8](unsafeUninitializedCapacity: room) { output, count in
                    unsafe stream.pointee.next_out = output.baseAddress
                    unsafe stream.pointee.avail_out = UInt32(room)
                    unsafe deflate(stream, flush)
                    unsafe count = room - Int(stream.pointee.avail_out)
                }
                room -= piece.count
                result += piece
                // Output that is full to the brim may have more behind it.
            } while room == 0
        }
        return result
    }
}
