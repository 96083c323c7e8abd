import CZstd
import Synchronization

// Making a context takes longer than a small frame, so those that are done are kept for the next.
//
// Safety: a context is used by one caller at a time, and freed once, when nobody keeps it.

/// What zstd works with, kept between frames.
final class ZstandardContexts: Sendable {
    /// A context to compress with.
    @safe
    final class Compressor: @unchecked Sendable {
        let pointer: OpaquePointer?
        init() { unsafe pointer = ZSTD_createCCtx() }
        deinit { unsafe _ = ZSTD_freeCCtx(pointer) }
    }

    /// A context to decompress with.
    @safe
    final class Decompressor: @unchecked Sendable {
        let pointer: OpaquePointer?
        init() { unsafe pointer = ZSTD_createDCtx() }
        deinit { unsafe _ = ZSTD_freeDCtx(pointer) }
    }

    static let shared = ZstandardContexts()

    /// How many of each are kept at most, some hundred KiB each.
    private static var keptMax: Int { 4 }

    private let compressors = Mutex<[Compressor]>([])
    private let decompressors = Mutex<[Decompressor]>([])

    func withCompressor<Result>(_ body: (OpaquePointer?) -> Result) -> Result {
        let own = compressors.withLock { $0.popLast() } ?? Compressor()
        defer { compressors.withLock { if $0.count < Self.keptMax { $0.append(own) } } }
        return unsafe body(own.pointer)
    }

    func withDecompressor<Result>(_ body: (OpaquePointer?) -> Result) -> Result {
        let own = decompressors.withLock { $0.popLast() } ?? Decompressor()
        defer { decompressors.withLock { if $0.count < Self.keptMax { $0.append(own) } } }
        return unsafe body(own.pointer)
    }
}
