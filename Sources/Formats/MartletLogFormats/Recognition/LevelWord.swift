/// The words and numbers that programs write for how much a record matters.
public enum LevelWord {
    /// The severity of OTLP, 1 through 24, for a word in any case; `nil` where it is no level.
    ///
    /// The levels of syslog above error are all critical, one above the other.
    public static func severity(_ word: some Sequence<UInt8>) -> UInt8? {
        var letters: [UInt8] = []
        letters.reserveCapacity(12)
        for byte in word {
            guard letters.count < 12 else { return nil }
            letters.append((0x41...0x5a).contains(byte) ? byte | 0x20 : byte)
        }
        return words[String(decoding: letters, as: UTF8.self)]
    }

    /// The severity of OTLP for the number of pino and bunyan: 10 trace through 60 fatal.
    static func severity(pino number: Int64) -> UInt8? {
        switch number {
        case 10: 1
        case 20: 5
        case 30: 9
        case 40: 13
        case 50: 17
        case 60: 21
        default: nil
        }
    }

    /// The severity of OTLP for a severity of syslog: 0 emergency through 7 debug.
    static func severity(syslog number: Int) -> UInt8 {
        switch number {
        case 0: 23
        case 1: 22
        case 2: 21
        case 3: 17
        case 4: 13
        case 5: 10
        case 6: 9
        default: 5
        }
    }

    /// The severity of OTLP for the status of an answer.
    static func severity(status: Int64) -> UInt8 {
        switch status {
        case 500...: 17
        case 400..<500: 13
        default: 9
        }
    }

    private static let words: [String: UInt8] = [
        "trace": 1, "trc": 1, "verbose": 1, "finest": 1, "finer": 1,
        "debug": 5, "dbg": 5, "fine": 5,
        "info": 9, "information": 9, "informational": 9, "inf": 9, "config": 9,
        "notice": 10,
        "warn": 13, "warning": 13, "wrn": 13,
        "error": 17, "err": 17, "severe": 17, "eror": 17,
        "critical": 21, "crit": 21, "fatal": 21, "panic": 21, "ftl": 21, "fault": 21,
        "alert": 22,
        "emerg": 23, "emergency": 23,
    ]
}
