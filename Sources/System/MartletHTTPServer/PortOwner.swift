#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// Finds who listens on a port, as far as this user may look.
enum PortOwner {
    /// `name (process 123)` of the process that listens on a TCP port, or `nil`.
    static func name(ofPort port: Int) -> String? {
        var sockets: Set<String> = []
        for table in ["/proc/net/tcp", "/proc/net/tcp6"] {
            guard let bytes = Platform.contents(ofFile: table, limit: 16 << 20) else { continue }
            sockets.formUnion(listeners(on: port, inTable: String(decoding: bytes, as: UTF8.self)))
        }
        guard !sockets.isEmpty else { return nil }
        for process in entries(of: "/proc") where process.utf8.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }) {
            let directory = "/proc/\(process)/fd"
            for descriptor in entries(of: directory) {
                guard let link = linkTarget(of: "\(directory)/\(descriptor)"), sockets.contains(link) else { continue }
                let name = Platform.contents(ofFile: "/proc/\(process)/comm").map {
                    String(decoding: $0, as: UTF8.self)
                }
                return "\(name.map { String($0.prefix { !$0.isNewline }) } ?? "a program") (process \(process))"
            }
        }
        return nil
    }

    /// The link texts (`socket:[123]`) of the sockets that listen on a port, from a table of the system's.
    static func listeners(on port: Int, inTable table: String) -> Set<String> {
        let suffix =
            ":" + String(repeating: "0", count: max(0, 4 - String(port, radix: 16).count))
            + String(port, radix: 16, uppercase: true)
        var result: Set<String> = []
        for line in table.split(separator: "\n").dropFirst() {
            let columns = line.split(separator: " ", omittingEmptySubsequences: true)
            guard columns.count > 9, columns[1].hasSuffix(suffix), columns[3] == "0A" else { continue }
            result.insert("socket:[\(columns[9])]")
        }
        return result
    }

    private static func entries(of directory: String) -> [String] {
        guard let handle = unsafe opendir(directory) else { return [] }
        defer { unsafe closedir(handle) }
        var result: [String] = []
        while let entry = unsafe readdir(handle) {
            let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { name in
                unsafe name.withMemoryRebound(to: CChar.self, capacity: 256) { unsafe String(cString: $0) }
            }
            if !name.hasPrefix(".") { result.append(name) }
        }
        return result
    }

    private static func linkTarget(of path: String) -> String? {
        var buffer = [CChar](repeating: 0, count: 128)
        let count = unsafe readlink(path, &buffer, buffer.count)
        guard count > 0 else { return nil }
        return String(decoding: buffer[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
