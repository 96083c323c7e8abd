import Synchronization

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

// Safety: the list of addresses is freed before the initialiser returns; the bytes are only read while the array holds them.

/// A socket that sends datagrams to one address.
@safe
final class DatagramSocket: Sendable {
    private let file: Mutex<Int32?>

    /// Opens a socket to `host:port`.
    init(_ address: String, defaultPort: String) throws(ExportError) {
        let (host, port) = DatagramSocket.parts(address, defaultPort)
        var hints = unsafe addrinfo()
        unsafe hints.ai_socktype = DatagramSocket.datagram
        var list: UnsafeMutablePointer<addrinfo>?
        guard !host.isEmpty, unsafe getaddrinfo(host, port, &hints, &list) == 0 else { throw .badAddress(address) }
        defer { if let list = unsafe list { unsafe freeaddrinfo(list) } }
        var next = unsafe list
        while let entry = unsafe next {
            let file = unsafe socket(entry.pointee.ai_family, DatagramSocket.datagram, 0)
            if file >= 0 {
                _ = fcntl(file, F_SETFD, FD_CLOEXEC)
                if unsafe connect(file, entry.pointee.ai_addr, entry.pointee.ai_addrlen) == 0 {
                    self.file = Mutex(file)
                    return
                }
                _ = Self.closeFile(file)
            }
            unsafe next = entry.pointee.ai_next
        }
        throw .badAddress(address)
    }

    deinit {
        close()
    }

    /// Sends a datagram; says what is wrong, or nothing.
    ///
    /// A port that nobody listens on is told of one datagram late; then the datagram is sent once more.
    func send(_ bytes: [UInt8]) -> String? {
        file.withLock { file in
            guard let file else { return "the exporter is shut down" }
            for attempt in 0..<2 {
                let count = unsafe bytes.withUnsafeBytes { unsafe Self.sendAll(file, $0) }
                if count == bytes.count { return nil }
                if errno == ECONNREFUSED, attempt == 0 { continue }
                break
            }
            return "cannot send to the agent: \(unsafe String(cString: strerror(errno)))"
        }
    }

    func close() {
        file.withLock { file in
            if let file { _ = Self.closeFile(file) }
            file = nil
        }
    }

    /// Host and port of `host:port`, `[host]:port` or `host`.
    static func parts(_ address: String, _ defaultPort: String) -> (host: String, port: String) {
        if address.hasPrefix("["), let end = address.firstIndex(of: "]") {
            let rest = address[address.index(after: end)...]
            let host = String(address[address.index(after: address.startIndex)..<end])
            return (host, rest.hasPrefix(":") ? String(rest.dropFirst()) : defaultPort)
        }
        guard let colon = address.lastIndex(of: ":"), address.firstIndex(of: ":") == colon else {
            return (address, defaultPort)
        }
        return (String(address[..<colon]), String(address[address.index(after: colon)...]))
    }

    private static var datagram: Int32 {
        #if canImport(Glibc)
        Int32(SOCK_DGRAM.rawValue)
        #else
        SOCK_DGRAM
        #endif
    }

    private static func closeFile(_ file: Int32) -> Int32 {
        #if canImport(Glibc)
        Glibc.close(file)
        #elseif canImport(Musl)
        Musl.close(file)
        #elseif canImport(Darwin)
        Darwin.close(file)
        #endif
    }

    private static func sendAll(_ file: Int32, _ bytes: UnsafeRawBufferPointer) -> Int {
        #if canImport(Glibc)
        unsafe Glibc.send(file, bytes.baseAddress, bytes.count, Int32(MSG_NOSIGNAL))
        #elseif canImport(Musl)
        unsafe Musl.send(file, bytes.baseAddress, bytes.count, Int32(MSG_NOSIGNAL))
        #elseif canImport(Darwin)
        unsafe Darwin.send(file, bytes.baseAddress, bytes.count, 0)
        #endif
    }
}
