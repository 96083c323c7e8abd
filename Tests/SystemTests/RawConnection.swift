import Foundation

/// A blocking TCP connection to a port of this machine, which sends exactly the bytes it is told.
final class RawConnection {
    struct Answer {
        var status: Int
        var headers: [String: String]
        var body: String
    }

    private let descriptor: Int32
    private var buffer: [UInt8] = []
    private(set) var isAtEnd = false

    init(port: Int, from source: String? = nil, receiveBuffer: Int32? = nil) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var timeout = timeval(tv_sec: 20, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &timeout, socklen_t(MemoryLayout<timeval>.size))
        setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &timeout, socklen_t(MemoryLayout<timeval>.size))
        if var size = receiveBuffer {
            setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &size, socklen_t(MemoryLayout<Int32>.size))
        }
        if let source {
            var local = Self.address(source, 0)
            _ = withUnsafePointer(to: &local) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
                }
            }
        }
        var remote = Self.address("127.0.0.1", UInt16(port))
        let status = withUnsafePointer(to: &remote) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        // `deinit`, which runs after a throw here too, closes the descriptor.
        guard status == 0 else {
            throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO)
        }
    }

    deinit {
        close(descriptor)
    }

    private static func address(_ host: String, _ port: UInt16) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        inet_pton(AF_INET, host, &address.sin_addr)
        return address
    }

    /// Sends all the bytes; a connection that the server has broken takes none.
    @discardableResult
    func send(_ bytes: [UInt8]) -> Bool {
        var sent = 0
        while sent < bytes.count {
            let count = bytes[sent...].withUnsafeBytes {
                Foundation.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { return false }
            sent += count
        }
        return true
    }

    @discardableResult
    func send(_ text: String) -> Bool { send(Array(text.utf8)) }

    /// Says that nothing more will be sent.
    func finishSending() {
        shutdown(descriptor, Int32(SHUT_WR))
    }

    /// Reads what comes next into the buffer.
    @discardableResult
    private func fill() -> Bool {
        var part = [UInt8](repeating: 0, count: 64 << 10)
        let count = recv(descriptor, &part, part.count, 0)
        guard count > 0 else {
            isAtEnd = true
            return false
        }
        buffer += part[..<count]
        return true
    }

    /// Everything until the server closes.
    func readToEnd() -> String {
        while fill() {}
        defer { buffer = [] }
        return String(decoding: buffer, as: UTF8.self)
    }

    /// The text up to and with a mark.
    func read(through mark: String) -> String? {
        let wanted = Array(mark.utf8)
        while true {
            if let range = buffer.firstRange(of: wanted) {
                defer { buffer.removeSubrange(..<range.upperBound) }
                return String(decoding: buffer[..<range.upperBound], as: UTF8.self)
            }
            guard fill() else { return nil }
        }
    }

    private func read(count: Int) -> String? {
        while buffer.count < count { guard fill() else { return nil } }
        defer { buffer.removeSubrange(..<count) }
        return String(decoding: buffer[..<count], as: UTF8.self)
    }

    /// The next whole answer, or `nil` when the server has closed.
    func readAnswer(isHead: Bool = false) -> Answer? {
        guard let head = read(through: "\r\n\r\n") else { return nil }
        let lines = head.components(separatedBy: "\r\n")
        let status = Int(lines[0].split(separator: " ").dropFirst().first ?? "") ?? 0
        var headers: [String: String] = [:]
        for line in lines.dropFirst() {
            let parts = line.split(separator: ":", maxSplits: 1)
            if parts.count == 2 { headers[parts[0].lowercased()] = parts[1].trimmingCharacters(in: .whitespaces) }
        }
        if status == 100 { return Answer(status: status, headers: headers, body: "") }
        var body = ""
        if isHead {
            return Answer(status: status, headers: headers, body: "")
        } else if let length = headers["content-length"].flatMap({ Int($0) }) {
            guard let text = read(count: length) else { return nil }
            body = text
        } else if headers["transfer-encoding"] == "chunked" {
            while true {
                guard let line = read(through: "\r\n"), let size = Int(line.dropLast(1), radix: 16),
                    let chunk = read(count: size), read(through: "\r\n") != nil
                else { return nil }
                if size == 0 { break }
                body += chunk
            }
        }
        return Answer(status: status, headers: headers, body: body)
    }

    /// Whether the server has closed or broken the connection; waits for it.
    func waitForEnd() -> Bool {
        while fill() {}
        return errno != EAGAIN || isAtEnd
    }
}

/// Polls until something is so, for ten seconds at most.
func eventually(_ condition: () -> Bool) -> Bool {
    let deadline = ContinuousClock.now + .seconds(10)
    while !condition() {
        guard ContinuousClock.now < deadline else { return false }
        usleep(2_000)
    }
    return true
}
