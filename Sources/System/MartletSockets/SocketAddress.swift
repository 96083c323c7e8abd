#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

// Safety: the storage is large enough for every family, and the system is told how much of it there is.

/// An address of IPv4 or IPv6 with its port, as the system's calls want it.
@safe struct SocketAddress {
    private var storage = sockaddr_storage()
    private var length: socklen_t

    /// Reads an address in digits; `nil` where the host is none.
    init?(host: String, port: Int) {
        guard let port = UInt16(exactly: port) else { return nil }
        let host = host == "localhost" ? "127.0.0.1" : host.split { $0 == "[" || $0 == "]" }.joined()
        var v4 = sockaddr_in()
        v4.sin_family = sa_family_t(AF_INET)
        v4.sin_port = port.bigEndian
        var v6 = sockaddr_in6()
        v6.sin6_family = sa_family_t(AF_INET6)
        v6.sin6_port = port.bigEndian
        if unsafe inet_pton(AF_INET, host, &v4.sin_addr) == 1 {
            length = socklen_t(MemoryLayout<sockaddr_in>.size)
            unsafe withUnsafeMutableBytes(of: &storage) { unsafe $0.storeBytes(of: v4, as: sockaddr_in.self) }
        } else if unsafe inet_pton(AF_INET6, host, &v6.sin6_addr) == 1 {
            length = socklen_t(MemoryLayout<sockaddr_in6>.size)
            unsafe withUnsafeMutableBytes(of: &storage) { unsafe $0.storeBytes(of: v6, as: sockaddr_in6.self) }
        } else {
            return nil
        }
    }

    private init() {
        length = socklen_t(MemoryLayout<sockaddr_storage>.size)
    }

    var family: Int32 { Int32(storage.ss_family) }

    func bind(_ descriptor: Int32) -> Bool {
        var copy = self
        return unsafe copy.withAddress { unsafe systemBind(descriptor, $0, $1.pointee) } == 0
    }

    /// The port that a socket is bound to.
    static func localPort(of descriptor: Int32) -> Int? {
        var address = SocketAddress()
        guard unsafe address.withAddress({ unsafe getsockname(descriptor, $0, $1) }) == 0 else { return nil }
        return address.port
    }

    /// Takes the next connection, `nil` where none waits.
    static func accept(on descriptor: Int32) -> (descriptor: Int32, peer: String)? {
        var address = SocketAddress()
        let accepted = unsafe address.withAddress { unsafe systemAccept(descriptor, $0, $1) }
        guard accepted >= 0 else { return nil }
        keepToSelf(accepted)
        return (accepted, address.host)
    }

    /// Takes the next datagram, `nil` where none waits; an empty one is passed over.
    static func receive(on descriptor: Int32, into buffer: inout [UInt8], capacity: Int) -> (count: Int, peer: String)?
    {
        var address = SocketAddress()
        let count = unsafe address.withAddress { unsafe recvfrom(descriptor, &buffer, capacity, 0, $0, $1) }
        return count >= 0 ? (count, address.host) : nil
    }

    private mutating func withAddress<Result>(
        _ body: (UnsafeMutablePointer<sockaddr>, UnsafeMutablePointer<socklen_t>) -> Result
    ) -> Result {
        unsafe withUnsafeMutablePointer(to: &storage) { storage in
            unsafe storage.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                unsafe withUnsafeMutablePointer(to: &length) { unsafe body(address, $0) }
            }
        }
    }

    private var port: Int {
        unsafe withUnsafeBytes(of: storage) { unsafe Int($0[2]) << 8 | Int($0[3]) }
    }

    /// The address in digits, without its port.
    private var host: String {
        var text = [CChar](repeating: 0, count: 64)
        let offset = family == AF_INET6 ? 8 : 4
        unsafe withUnsafeBytes(of: storage) { bytes in
            unsafe _ = inet_ntop(family, bytes.baseAddress.map { unsafe $0 + offset }, &text, socklen_t(text.count))
        }
        return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}

private func systemAccept(
    _ descriptor: Int32,
    _ address: UnsafeMutablePointer<sockaddr>,
    _ length: UnsafeMutablePointer<socklen_t>
) -> Int32 {
    unsafe accept(descriptor, address, length)
}

/// Makes a descriptor answer at once, and closes it in programs that are started.
func keepToSelf(_ descriptor: Int32) {
    _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
    _ = fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK)
}

private func systemBind(_ descriptor: Int32, _ address: UnsafePointer<sockaddr>, _ length: socklen_t) -> Int32 {
    unsafe bind(descriptor, address, length)
}
