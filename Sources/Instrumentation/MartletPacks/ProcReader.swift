import CMartletHost

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// Reads the kernel's small text files into one buffer and walks over their words, without allocating for either.
///
/// Open a file, then take line after line and word after word: `while nextLine() { nextWord() … }`.
final class ProcReader {
    /// Files are read up to this size; the kernel's own tables stay far below.
    static let fileBytesMax = 4 << 20

    private var bytes = [UInt8](repeating: 0, count: 16_384)
    private var count = 0
    private var nextLineStart = 0
    private var place = 0
    private var lineEnd = 0

    /// Reads a file whole; false where it can't be read.
    func open(_ path: String) -> Bool {
        count = 0
        nextLineStart = 0
        place = 0
        lineEnd = 0
        let file = systemOpen(path)
        guard file >= 0 else { return false }
        defer { close(file) }
        while true {
            if count == bytes.count {
                guard count < ProcReader.fileBytesMax else { return false }
                bytes.append(contentsOf: repeatElement(0, count: count))
            }
            let start = count
            let got = unsafe bytes.withUnsafeMutableBytes { buffer in
                unsafe read(file, buffer.baseAddress.map { unsafe $0 + start }, buffer.count - start)
            }
            if got < 0, errno == EINTR { continue }
            guard got >= 0 else { return false }
            if got == 0 { return true }
            count += got
        }
    }

    private func systemOpen(_ path: String) -> Int32 {
        #if canImport(Glibc)
        unsafe Glibc.open(path, O_RDONLY | O_CLOEXEC)
        #elseif canImport(Musl)
        unsafe Musl.open(path, O_RDONLY | O_CLOEXEC)
        #else
        unsafe Darwin.open(path, O_RDONLY | O_CLOEXEC)
        #endif
    }

    /// Goes to the next line; false at the end.
    func nextLine() -> Bool {
        guard nextLineStart < count else { return false }
        place = nextLineStart
        lineEnd = place
        while lineEnd < count, bytes[lineEnd] != UInt8(ascii: "\n") { lineEnd += 1 }
        nextLineStart = lineEnd + 1
        return true
    }

    /// The next word of the line, up to a space, tab or colon; `nil` at the line's end.
    func word() -> ArraySlice<UInt8>? {
        while place < lineEnd, isSeparator(bytes[place]) { place += 1 }
        let start = place
        while place < lineEnd, !isSeparator(bytes[place]) { place += 1 }
        return start < place ? bytes[start..<place] : nil
    }

    /// The next word of the line as text.
    func text() -> String? {
        word().map { String(decoding: $0, as: UTF8.self) }
    }

    /// What is left of the line, without blanks before it.
    func rest() -> String {
        while place < lineEnd, isSeparator(bytes[place]) { place += 1 }
        defer { place = lineEnd }
        return String(decoding: bytes[place..<lineEnd], as: UTF8.self)
    }

    /// The next word of the line as a whole number; `nil` where it is none.
    func number() -> UInt64? {
        guard let word = word() else { return nil }
        var value: UInt64 = 0
        for byte in word {
            let digit = byte &- UInt8(ascii: "0")
            guard digit < 10 else { return nil }
            let (product, overflow) = value.multipliedReportingOverflow(by: 10)
            let (sum, sumOverflow) = product.addingReportingOverflow(UInt64(digit))
            guard !overflow, !sumOverflow else { return nil }
            value = sum
        }
        return value
    }

    /// The next word of the line as a number with a fraction; `nil` where it is none.
    func decimal() -> Double? {
        text().flatMap(Double.init)
    }

    /// Passes over words of the line.
    func skip(_ words: Int) {
        for _ in 0..<words { _ = word() }
    }

    /// Goes on after the last of a character in the line; false where the line has none.
    func skipPastLast(_ character: Unicode.Scalar) -> Bool {
        guard let found = bytes[place..<lineEnd].lastIndex(where: { UInt32($0) == character.value }) else {
            return false
        }
        place = found + 1
        return true
    }

    /// The whole numbers left in the line.
    func numbers() -> [UInt64] {
        var list: [UInt64] = []
        while let value = number() { list.append(value) }
        return list
    }

    private func isSeparator(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") || byte == UInt8(ascii: ":")
    }

    // MARK: Files of one value

    /// The number that a file holds; `nil` where it can't be read or holds none.
    func number(in path: String) -> UInt64? {
        open(path) && nextLine() ? number() : nil
    }

    /// The first line of a file; `nil` where it can't be read or is empty.
    func text(in path: String) -> String? {
        guard open(path), nextLine() else { return nil }
        let text = rest()
        return text.isEmpty ? nil : text
    }

    /// The numbers of lines such as `name 12`, by name.
    func table(in path: String) -> [String: UInt64] {
        guard open(path) else { return [:] }
        var table: [String: UInt64] = [:]
        while nextLine() {
            if let name = text(), let value = number() { table[name] = value }
        }
        return table
    }
}

/// The names in a directory without `.` and `..`, sorted; `nil` where it can't be read.
func directoryNames(_ path: String) -> [String]? {
    guard let directory = unsafe opendir(path) else { return nil }
    defer { unsafe closedir(directory) }
    var names: [String] = []
    while let entry = unsafe readdir(directory) {
        let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) {
            unsafe $0.withMemoryRebound(to: CChar.self, capacity: 1) { unsafe String(cString: $0) }
        }
        if name != ".", name != ".." { names.append(name) }
    }
    return names.sorted()
}

/// Where a symbolic link leads, such as `socket:[1234]`; `nil` where it can't be read.
func linkTarget(_ path: String) -> String? {
    var bytes = [UInt8](repeating: 0, count: 256)
    let count = unsafe bytes.withUnsafeMutableBytes { buffer -> Int in
        guard let start = unsafe buffer.assumingMemoryBound(to: CChar.self).baseAddress else { return 0 }
        return unsafe readlink(path, start, buffer.count)
    }
    return count > 0 ? String(decoding: bytes[..<count], as: UTF8.self) : nil
}

/// How many entries a directory has, `.` and `..` not counted; `nil` where it can't be read.
func directoryCount(_ path: String) -> Int? {
    guard let directory = unsafe opendir(path) else { return nil }
    defer { unsafe closedir(directory) }
    var count = -2
    while unsafe readdir(directory) != nil { count += 1 }
    return max(0, count)
}

/// Space and inodes of a file system.
struct FileSystemUsage: Sendable {
    var totalBytes: UInt64
    var freeBytes: UInt64
    var availableBytes: UInt64
    var inodes: UInt64
    var inodesFree: UInt64
    var isReadOnly: Bool

    /// Asks the kernel; `nil` where it doesn't answer for the path.
    init?(at path: String) {
        var status = statvfs()
        guard unsafe statvfs(path, &status) == 0 else { return nil }
        let unit = UInt64(status.f_frsize)
        totalBytes = UInt64(status.f_blocks) * unit
        freeBytes = UInt64(status.f_bfree) * unit
        availableBytes = UInt64(status.f_bavail) * unit
        inodes = UInt64(status.f_files)
        inodesFree = UInt64(status.f_ffree)
        isReadOnly = Int(status.f_flag) & Int(ST_RDONLY) != 0
    }
}

/// What of the machine does not change while a program runs.
enum MachineConstants {
    /// The unit of the kernel's times in /proc, ticks a second.
    static let ticksPerSecond = Double(max(1, sysconf(Int32(_SC_CLK_TCK))))

    /// Bytes in a page of memory.
    static let pageBytes = UInt64(max(1, sysconf(Int32(_SC_PAGESIZE))))

    /// How far the kernel's clock is off by the judgement of its time synchronisation; `nil` where it does not say.
    static var clockOffset: Double? {
        var seconds = 0.0
        return unsafe martlet_clock_offset_seconds(&seconds) ? seconds : nil
    }

    /// The bytes of the C library's heap that are in use; `nil` where it does not say.
    static var heapBytes: UInt64? {
        var bytes: UInt64 = 0
        return unsafe martlet_heap_bytes(&bytes) ? bytes : nil
    }

    /// The program's own process.
    static var processIdentifier: Int32 { getpid() }
}
