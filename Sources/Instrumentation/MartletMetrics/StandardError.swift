#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

private func put(_ file: Int32, _ bytes: UnsafeRawPointer?, _ count: Int) -> Int {
    unsafe write(file, bytes, count)
}

/// Where problems are told that nobody else takes.
enum StandardError {
    static func write(_ text: String) {
        let bytes = Array(text.utf8)
        // One call, so that lines of several threads do not mix; nothing can be done where it fails.
        _ = unsafe bytes.withUnsafeBytes { unsafe put(2, $0.baseAddress, $0.count) }
    }
}
