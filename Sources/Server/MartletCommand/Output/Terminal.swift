#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// Standard output and standard error.
enum Terminal {
    /// Whether standard output is a terminal, with a person before it.
    static var isTerminal: Bool { isatty(1) == 1 }

    /// How many columns standard output has; 80 where it is no terminal.
    static var width: Int {
        var size = winsize()
        // Safety: the kernel writes the one structure that is passed.
        let status = unsafe ioctl(1, UInt(TIOCGWINSZ), &size)
        return status == 0 && size.ws_col > 0 ? Int(size.ws_col) : 80
    }

    /// Writes to standard output; a reader that has left (`| head -1`) ends the program quietly.
    static func print(_ text: String) {
        guard write(text, to: 1) else { exit(0) }
    }

    /// Writes a line to standard error.
    static func printError(_ text: String) {
        _ = write(text + "\n", to: 2)
    }

    private static func write(_ text: String, to descriptor: Int32) -> Bool {
        let bytes = Array(text.utf8)
        var start = 0
        while start < bytes.count {
            let written = unsafe bytes[start...].withUnsafeBytes {
                unsafe Glibc.write(descriptor, $0.baseAddress, $0.count)
            }
            if written < 0, errno == EINTR { continue }
            guard written > 0 else { return false }
            start += written
        }
        return true
    }
}
