import CMicrohttpd

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// What the module takes from the system's C library, besides sockets.
package enum Platform {
    /// Nanoseconds of the clock that is never set.
    package static var monotonicNanoseconds: Int64 {
        var time = timespec()
        unsafe clock_gettime(CLOCK_MONOTONIC, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }

    /// The system's words for an error number.
    package static func message(ofError number: Int32) -> String {
        var buffer = [CChar](repeating: 0, count: 128)
        unsafe strerror_r(number, &buffer, buffer.count)
        let text = String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        return text.prefix(1).lowercased() + text.dropFirst()
    }

    /// The whole of a small file, or `nil`.
    static func contents(ofFile path: String, limit: Int = 1 << 20) -> [UInt8]? {
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var result: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 16 << 10)
        while result.count <= limit {
            let count = unsafe read(descriptor, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return count == 0 ? result : nil }
            result += buffer[..<count]
        }
        return nil
    }

    /// Breaks a connection; both sides see its end.
    package static func breakConnection(_ descriptor: Int32) {
        shutdown(descriptor, Int32(SHUT_RDWR))
    }

    /// The number form of the address at a connection's other end; empty where there is none.
    package static func peerAddress(of descriptor: Int32) -> String {
        var text = [CChar](repeating: 0, count: 64)
        unsafe martlet_peer_text(descriptor, &text, text.count)
        return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    package static func closeDescriptor(_ descriptor: Int32) {
        close(descriptor)
    }
}

// Safety: the semaphore stands at an address of its own from `init` to `deinit`, and the system's semaphores are made for
// use from many threads.

/// A counter that threads wait for.
@safe
final class Semaphore: @unchecked Sendable {
    private let handle: UnsafeMutablePointer<sem_t>

    init() {
        unsafe handle = .allocate(capacity: 1)
        unsafe handle.initialize(to: sem_t())
        unsafe sem_init(handle, 0, 0)
    }

    deinit {
        unsafe sem_destroy(handle)
        unsafe handle.deallocate()
    }

    func signal() {
        unsafe sem_post(handle)
    }

    func wait() {
        while unsafe sem_wait(handle) != 0 {}
    }

    /// Waits for a signal until a moment of the monotonic clock.
    ///
    /// - Returns: Whether there was one.
    func wait(untilNanoseconds deadline: Int64) -> Bool {
        while unsafe martlet_semaphore_wait(handle, deadline) != 0 {
            if errno != EINTR { return false }
        }
        return true
    }
}

// Safety: the handle is only passed to the system's functions, `join` at most once.

/// A thread of the system's, which runs one closure.
@safe
package struct SystemThread: @unchecked Sendable {
    private let handle: pthread_t

    private final class Start {
        let name: String
        let body: @Sendable () -> Void

        init(name: String, body: @escaping @Sendable () -> Void) {
            self.name = name
            self.body = body
        }
    }

    /// Starts a thread with a stack of 8 MiB; `nil` if the system has none left.
    package init?(name: String, _ body: @escaping @Sendable () -> Void) {
        var attributes = pthread_attr_t()
        unsafe pthread_attr_init(&attributes)
        defer { unsafe pthread_attr_destroy(&attributes) }
        unsafe pthread_attr_setstacksize(&attributes, 8 << 20)
        let start = unsafe Unmanaged.passRetained(Start(name: name, body: body))
        var handle = pthread_t()
        let status = unsafe pthread_create(
            &handle,
            &attributes,
            { argument in
                guard let argument = unsafe argument else { return nil }
                let start = unsafe Unmanaged<Start>.fromOpaque(argument).takeRetainedValue()
                unsafe martlet_name_thread(String(start.name.prefix(15)))
                start.body()
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

    /// Waits for the thread's end; call it or ``detach()`` once.
    package func join() {
        pthread_join(handle, nil)
    }

    /// Lets the thread end by itself.
    func detach() {
        pthread_detach(handle)
    }
}

extension Duration {
    /// The duration in nanoseconds, at most what 64 bits hold.
    package var nanosecondsClamped: Int64 {
        let (seconds, attoseconds) = components
        guard seconds < 9_000_000_000 else { return .max / 2 }
        return seconds * 1_000_000_000 + attoseconds / 1_000_000_000
    }
}
