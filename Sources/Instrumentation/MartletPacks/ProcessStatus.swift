/// What /proc/PID/status says, as far as it is collected.
struct ProcessStatus {
    private let numbers: [String: UInt64]

    /// How many signals wait for the process or its main thread; `nil` where the file does not say.
    let pendingSignals: UInt64?

    /// Reads the file; empty where it can't be read.
    init(_ reader: ProcReader, _ path: String) {
        numbers = reader.table(in: path)
        pendingSignals = ProcessStatus.pendingSignals(reader, path)
    }

    subscript(name: String) -> UInt64? { numbers[name] }

    /// A size, which the file gives in KiB.
    func bytes(_ name: String) -> UInt64? { numbers[name].map { $0 * 1024 } }

    private static func pendingSignals(_ reader: ProcReader, _ path: String) -> UInt64? {
        guard reader.open(path) else { return nil }
        var mask: UInt64?
        while reader.nextLine() {
            let name = reader.text()
            guard name == "SigPnd" || name == "ShdPnd", let more = UInt64(reader.rest(), radix: 16) else { continue }
            mask = (mask ?? 0) | more
        }
        return mask.map { UInt64($0.nonzeroBitCount) }
    }
}
