/// What /proc/PID/stat says, as far as it is collected.
///
/// - SeeAlso: [proc_pid_stat(5)](https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html)
struct ProcessStatistics {
    var stateLetter: String
    var minorFaults: UInt64
    var majorFaults: UInt64
    var userTicks: UInt64
    var systemTicks: UInt64
    var threads: UInt64
    var startTicks: UInt64
    var virtualBytes: UInt64
    var residentPages: UInt64
    var inputOutputDelayTicks: UInt64?

    /// Reads the file; `nil` where it can't be read or is cut off.
    init?(_ reader: ProcReader, _ path: String) {
        // The command's name stands in parentheses and may hold anything, so what follows is counted from the last one.
        guard reader.open(path), reader.nextLine(), reader.skipPastLast(")") else { return nil }
        let fields = reader.rest().split(separator: " ")
        func number(_ field: Int) -> UInt64? { field - 3 < fields.count ? UInt64(fields[field - 3]) : nil }
        guard let state = fields.first, let minor = number(10), let major = number(12), let user = number(14),
            let system = number(15), let threads = number(20), let start = number(22), let size = number(23),
            let resident = number(24)
        else { return nil }
        stateLetter = String(state)
        minorFaults = minor
        majorFaults = major
        userTicks = user
        systemTicks = system
        self.threads = threads
        startTicks = start
        virtualBytes = size
        residentPages = resident
        inputOutputDelayTicks = number(42)
    }

    /// The state in a word.
    var stateName: String {
        switch stateLetter {
        case "R": "running"
        case "S": "sleeping"
        case "D": "disk_sleep"
        case "T": "stopped"
        case "t": "traced"
        case "Z": "zombie"
        case "I": "idle"
        case "X", "x": "dead"
        default: "unknown"
        }
    }
}
