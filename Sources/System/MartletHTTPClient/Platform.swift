#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// What the module takes from the system's C library.
enum Platform {
    /// Nanoseconds of the clock that is never set.
    static var monotonicNanoseconds: Int64 {
        var time = timespec()
        unsafe clock_gettime(CLOCK_MONOTONIC, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }

    /// The 4 or 16 bytes of an address such as `10.0.0.1` or `fd00::1`, or `nil` for another text.
    static func addressBytes(_ text: String) -> [UInt8]? {
        for (family, count) in [(AF_INET, 4), (AF_INET6, 16)] {
            var bytes = [UInt8](repeating: 0, count: count)
            if unsafe inet_pton(family, text, &bytes) == 1 { return bytes }
        }
        return nil
    }

    /// Whether an error number says that nobody listens.
    static func isRefused(_ number: Int) -> Bool { number == Int(ECONNREFUSED) }

    /// The system's words for an error number, or `nil` for none.
    static func message(ofError number: Int) -> String? {
        guard number != 0, let number = Int32(exactly: number) else { return nil }
        var buffer = [CChar](repeating: 0, count: 128)
        unsafe strerror_r(number, &buffer, buffer.count)
        let text = String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        return text.prefix(1).lowercased() + text.dropFirst()
    }
}

// Safety: the handle is only passed to `pthread_join`, once.

/// A thread of the system's, which runs one closure.
@safe
struct SystemThread: @unchecked Sendable {
    private let handle: pthread_t

    private final class Start {
        let body: @Sendable () -> Void

        init(_ body: @escaping @Sendable () -> Void) {
            self.body = body
        }
    }

    /// Starts a thread; `nil` if the system has none left.
    init?(_ body: @escaping @Sendable () -> Void) {
        let start = unsafe Unmanaged.passRetained(Start(body))
        var handle = pthread_t()
        let status = unsafe pthread_create(
            &handle,
            nil,
            { argument in
                guard let argument = unsafe argument else { return nil }
                unsafe Unmanaged<Start>.fromOpaque(argument).takeRetainedValue().body()
                return nil
            },
            start.toOpaque()
        )
        guard status == 0 else {
            unsafe start.release()
            return nil
        }
        self.handle = handle
    }

    /// Waits for the thread's end; call it once.
    func join() {
        pthread_join(handle, nil)
    }
}
