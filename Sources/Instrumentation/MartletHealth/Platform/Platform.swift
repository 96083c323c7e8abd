#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// What the ready checks ask the operating system.
enum Platform {
    /// The bytes of a file system.
    struct Space: Sendable, Hashable {
        var totalBytes: UInt64
        /// What a process without privileges may still write.
        var availableBytes: UInt64
    }

    /// Whether a path is a directory that can be listed.
    static func isDirectory(_ path: String) -> Bool {
        guard let directory = unsafe opendir(path) else { return false }
        unsafe closedir(directory)
        return true
    }

    /// The space of the file system that holds a path, or `nil` where it can't be told.
    static func space(at path: String) -> Space? {
        var answer = statvfs()
        guard unsafe statvfs(path, &answer) == 0 else { return nil }
        let block = UInt64(answer.f_frsize)
        return Space(
            totalBytes: UInt64(answer.f_blocks).multipliedReportingOverflow(by: block).partialValue,
            availableBytes: UInt64(answer.f_bavail).multipliedReportingOverflow(by: block).partialValue
        )
    }

    /// The first bytes of a small text file, or `nil` where it can't be read.
    static func text(of path: String, bytesMax: Int = 16_384) -> String? {
        let file = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return nil }
        defer { close(file) }
        var bytes = [UInt8](repeating: 0, count: bytesMax)
        var count = 0
        while count < bytesMax {
            let got = unsafe bytes.withUnsafeMutableBytes { buffer in
                unsafe read(file, buffer.baseAddress?.advanced(by: count), bytesMax - count)
            }
            if got < 0 { return nil }
            if got == 0 { break }
            count += got
        }
        return String(decoding: bytes[..<count], as: UTF8.self)
    }

    /// Tries to connect to a TCP port; `nil` when it worked, otherwise why not.
    ///
    /// Blocks until the connection is made, refused, or the time is over.
    static func connectionFailure(host: String, port: UInt16, timeout: Int32) -> String? {
        var hints = unsafe addrinfo()
        unsafe hints.ai_family = AF_UNSPEC
        #if canImport(Glibc)
        unsafe hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        #else
        unsafe hints.ai_socktype = SOCK_STREAM
        #endif
        var found: UnsafeMutablePointer<addrinfo>?
        let status = unsafe getaddrinfo(host, String(port), &hints, &found)
        guard status == 0, let first = unsafe found else {
            return unsafe "cannot resolve \(host): \(String(cString: gai_strerror(status)))"
        }
        defer { unsafe freeaddrinfo(first) }
        var failure = "no address"
        var next: UnsafeMutablePointer<addrinfo>? = unsafe first
        while let address = unsafe next {
            guard let reason = unsafe connectionFailure(address.pointee, timeout) else { return nil }
            failure = reason
            unsafe next = address.pointee.ai_next
        }
        return failure
    }

    private static func connectionFailure(_ address: addrinfo, _ timeout: Int32) -> String? {
        let descriptor = unsafe socket(address.ai_family, address.ai_socktype, address.ai_protocol)
        guard descriptor >= 0 else { return message(errno) }
        defer { close(descriptor) }
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        _ = fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK)
        if unsafe connect(descriptor, address.ai_addr, address.ai_addrlen) == 0 { return nil }
        guard errno == EINPROGRESS else { return message(errno) }
        var entry = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        guard unsafe poll(&entry, 1, timeout) == 1 else { return "no answer within \(timeout) ms" }
        var code: Int32 = 0
        var size = socklen_t(MemoryLayout<Int32>.size)
        guard unsafe getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &code, &size) == 0 else { return message(errno) }
        return code == 0 ? nil : message(code)
    }

    private static func message(_ code: Int32) -> String { unsafe String(cString: strerror(code)) }
}
