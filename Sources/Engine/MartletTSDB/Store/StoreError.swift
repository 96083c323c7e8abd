import MartletFiles

/// Why a store could not be opened.
public enum StoreError: Error, Hashable, CustomStringConvertible {
    /// A setting makes no sense.
    case invalidConfiguration(String)

    /// The data directory or a file in it cannot be made, read or written; the message names it and what to do.
    case unusableDirectory(String)

    /// Another process works on the directory; its id, where the lock file tells.
    case locked(directory: String, process: Int32?)

    /// The directory was written in a form that this version does not know.
    case unknownFormat(directory: String, found: String)

    /// The message, for people.
    public var description: String {
        switch self {
        case .invalidConfiguration(let message), .unusableDirectory(let message): message
        case .locked(let directory, let process?):
            "cannot open \(directory): process \(process) is using it; stop that process or choose another directory"
        case .locked(let directory, nil):
            "cannot open \(directory): another process is using it; stop that process or choose another directory"
        case .unknownFormat(let directory, let found):
            "cannot open \(directory): its format is \(found), expected \(StoreFormat.text); "
                + "open it with the version that wrote it or choose another directory"
        }
    }

    init(_ error: FileError, directory: String) {
        self =
            error.isLocked
            ? .locked(directory: directory, process: error.holder) : .unusableDirectory("\(error); \(error.remedy)")
    }
}

/// The names and the version that a data directory shows.
enum StoreFormat {
    static let text = "martlet time series 2"

    /// What earlier versions wrote, which is converted when it is opened.
    static let oldText = "martlet time series 1"
    static let fileName = "format"
    static let lockName = "lock"
    static let logDirectory = "wal"
    static let segmentDirectory = "segments"
}
