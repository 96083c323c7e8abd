/// What /proc/PID/status says, as far as it is collected.
struct ProcessStatus {
    private var numbers: [String: UInt64] = [:]
    private var pending: [String] = []

    /// Reads the file; empty where it can't be read.
    init(_ reader: ProcReader, _ path: String) {
        guard reader.open(path) else { return }
        while reader.nextLine() {
            guard let name = reader.text() else { continue }
            switch name {
            case "SigPnd", "ShdPnd": pending.append(reader.rest())
            case "VmSwap", "VmHWM", "voluntary_ctxt_switches", "nonvoluntary_ctxt_switches":
                numbers[name] = reader.number()
            default: continue
            }
        }
    }

    subscript(name: String) -> UInt64? { numbers[name] }

    /// A size, which the file gives in KiB.
    func bytes(_ name: String) -> UInt64? { numbers[name].map { $0 * 1024 } }

    /// How many signals wait for the process or its main thread; `nil` where the file does not say.
    var pendingSignals: UInt64? {
        let masks = pending.compactMap { UInt64($0, radix: 16) }
        return masks.isEmpty ? nil : UInt64(masks.reduce(0, |).nonzeroBitCount)
    }
}
