import Foundation

/// What a process of the machine has used so far.
struct ProcessUse {
    /// Seconds of processor time, user and system.
    var processor: Double

    /// Bytes of memory that it has now, and had at the most.
    var resident: Int
    var peak: Int

    init(_ identifier: pid_t) {
        let text = (try? String(contentsOfFile: "/proc/\(identifier)/stat", encoding: .utf8)) ?? ""
        let fields = text.split(separator: ")").last?.split(separator: " ") ?? []
        let ticks = fields.count > 13 ? (Double(fields[11]) ?? 0) + (Double(fields[12]) ?? 0) : 0
        processor = ticks / Double(sysconf(Int32(_SC_CLK_TCK)))
        let status = (try? String(contentsOfFile: "/proc/\(identifier)/status", encoding: .utf8)) ?? ""
        func bytes(_ name: String) -> Int {
            let line = status.split(separator: "\n").first { $0.hasPrefix(name + ":") }
            return (line?.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap { Int($0) } ?? 0) << 10
        }
        (resident, peak) = (bytes("VmRSS"), bytes("VmHWM"))
    }
}
