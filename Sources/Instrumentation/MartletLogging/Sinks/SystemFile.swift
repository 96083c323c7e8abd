#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// What the sinks need of the system's files and sockets.
enum SystemFile {
    /// Writes all bytes; 0, or the system's number of the error.
    static func write(_ bytes: UnsafeBufferPointer<UInt8>, to descriptor: Int32) -> Int32 {
        var rest = UnsafeRawBufferPointer(bytes)
        while let start = rest.baseAddress, rest.count > 0 {
            let written = unsafe systemWrite(descriptor, start, rest.count)
            if written < 0, errno == EINTR { continue }
            guard written > 0 else { return written < 0 ? errno : EIO }
            unsafe rest = UnsafeRawBufferPointer(rebasing: rest[written...])
        }
        return 0
    }

    /// Opens a file to write at its end, made with `mode` where it is not there; negative on failure.
    static func openToAppend(_ path: String, mode: UInt32 = 0o640) -> Int32 {
        unsafe open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, mode)
    }

    /// The length of an open file in bytes; 0 where the system does not tell.
    static func length(_ descriptor: Int32) -> Int64 {
        var status = stat()
        return unsafe fstat(descriptor, &status) == 0 ? Int64(status.st_size) : 0
    }

    /// The last line of a file that ends with a line break, and whether bytes without one follow it; `nil` for an empty file.
    static func lastLine(of path: String) -> (whole: String, isTorn: Bool)? {
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        let length = length(descriptor)
        let room = min(length, 256 << 10)
        guard room > 0 else { return nil }
        var bytes = [UInt8](repeating: 0, count: Int(room))
        let count = unsafe bytes.withUnsafeMutableBytes {
            unsafe pread(descriptor, $0.baseAddress, $0.count, Int(length - room))
        }
        let lines = bytes.prefix(max(0, count)).split(separator: 0x0a, omittingEmptySubsequences: false)
        let isTorn = lines.last?.isEmpty == false
        return (String(decoding: lines.dropLast().last ?? [], as: UTF8.self), isTorn)
    }

    /// Makes what was written durable; 0, or the system's number of the error.
    static func synchronize(_ descriptor: Int32) -> Int32 { fsync(descriptor) == 0 ? 0 : errno }

    /// Closes a descriptor.
    static func close(_ descriptor: Int32) { _ = systemClose(descriptor) }

    /// Gives a file another name, replacing what has it; 0, or the system's number of the error.
    static func rename(_ from: String, to: String) -> Int32 { systemRename(from, to) == 0 ? 0 : errno }

    /// Removes a file.
    static func remove(_ path: String) { _ = unsafe unlink(path) }

    /// Whether a path is there.
    static func exists(_ path: String) -> Bool { unsafe access(path, F_OK) == 0 }

    /// What the number of an error means.
    static func reason(_ number: Int32) -> String {
        unsafe strerror(number).map { unsafe String(cString: $0) } ?? "error \(number)"
    }

    /// The number of the error of the last call that failed.
    static var lastError: Int32 { errno }

    /// The process' number.
    static var processIdentifier: Int32 { getpid() }

    /// The machine's name; `-` where it has none.
    static var hostName: String {
        var name = [CChar](repeating: 0, count: 256)
        guard unsafe gethostname(&name, 255) == 0 else { return "-" }
        let text = String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        return text.isEmpty ? "-" : text
    }

    /// A datagram socket that is connected to a path of the file system; negative on failure.
    static func connect(datagramsTo path: String) -> Int32 {
        let descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return -1 }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let room = MemoryLayout.size(ofValue: address.sun_path) - 1
        let bytes = Array(path.utf8)
        guard bytes.count <= room else {
            close(descriptor)
            return -1
        }
        unsafe withUnsafeMutableBytes(of: &address.sun_path) { target in unsafe target.copyBytes(from: bytes) }
        let size = socklen_t(MemoryLayout<sockaddr_un>.size)
        let result = unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe systemConnect(descriptor, $0, size)
            }
        }
        guard result == 0 else {
            close(descriptor)
            return -1
        }
        return descriptor
    }

    /// Sends one datagram without waiting; 0, or the system's number of the error.
    static func send(_ bytes: [UInt8], to descriptor: Int32) -> Int32 {
        unsafe bytes.withUnsafeBytes { buffer in
            let flags = Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT)
            return unsafe systemSend(descriptor, buffer.baseAddress, buffer.count, flags) >= 0 ? 0 : errno
        }
    }
}

// The system's calls whose names the functions above hide.
private func systemWrite(_ descriptor: Int32, _ start: UnsafeRawPointer, _ count: Int) -> Int {
    unsafe write(descriptor, start, count)
}
private func systemClose(_ descriptor: Int32) -> Int32 { close(descriptor) }
private func systemRename(_ from: String, _ to: String) -> Int32 { unsafe rename(from, to) }
private func systemConnect(_ descriptor: Int32, _ address: UnsafePointer<sockaddr>, _ size: socklen_t) -> Int32 {
    unsafe connect(descriptor, address, size)
}
private func systemSend(_ descriptor: Int32, _ start: UnsafeRawPointer?, _ count: Int, _ flags: Int32) -> Int {
    unsafe send(descriptor, start, count, flags)
}
