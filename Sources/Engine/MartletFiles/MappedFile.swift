#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

// Safety: the mapping is private and read-only, it lives exactly as long as the object, and spans of it never leave
// `withBytes`. Files that are mapped are never written or cut again by the store: logs are mapped before a new one is
// begun, segments are complete before they get their name.

/// A file's bytes in memory, read from the disk as they are touched.
@safe @usableFromInline package final class MappedFile: @unchecked Sendable {
    /// How many bytes the file has.
    @usableFromInline package let count: Int

    @usableFromInline let start: UnsafeMutableRawPointer?
    private var isCopy = false

    /// Maps a file of a known size; `nil` where the system refuses.
    package init?(descriptor: Int32, count: Int) {
        self.count = count
        guard count > 0 else {
            unsafe start = nil
            return
        }
        let address = unsafe mmap(nil, count, PROT_READ, MAP_PRIVATE, descriptor, 0)
        guard let address = unsafe address, unsafe address != MAP_FAILED else { return nil }
        unsafe start = address
    }

    /// Makes a copy of bytes that can be read like a file.
    package init?(copying bytes: Span<UInt8>) {
        count = bytes.count
        guard count > 0 else {
            unsafe start = nil
            return
        }
        let address = unsafe mmap(nil, count, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
        guard let address = unsafe address, unsafe address != MAP_FAILED else { return nil }
        unsafe bytes.withUnsafeBytes {
            unsafe address.copyMemory(from: $0.baseAddress ?? UnsafeRawPointer(address), byteCount: $0.count)
        }
        isCopy = true
        unsafe start = address
    }

    deinit {
        if let start = unsafe start { unsafe munmap(start, count) }
    }

    /// Lends the bytes.
    @inlinable
    @inline(__always)
    package func withBytes<Result, Failure: Error>(_ body: (Span<UInt8>) throws(Failure) -> Result) throws(Failure)
        -> Result
    {
        let buffer = unsafe UnsafeBufferPointer(start: start?.assumingMemoryBound(to: UInt8.self), count: count)
        return try body(unsafe Span(_unsafeElements: buffer))
    }

    /// Gives the memory back to the system; the bytes are read again when they are touched.
    package func forget() {
        if let start = unsafe start, !isCopy { unsafe madvise(start, count, MADV_DONTNEED) }
    }
}
