import Foundation

/// A terminal that a test plays: what the program shows is read from it, keys are written to it.
final class Pseudoterminal {
    let program: Int32
    private let user: Int32
    private var text = ""

    init(rows: UInt16, columns: UInt16) throws {
        user = open("/dev/ptmx", O_RDWR | O_NOCTTY)
        var (number, isLocked): (Int32, Int32) = (0, 0)
        guard user >= 0, ioctl(user, 0x4004_5431, &isLocked) == 0, ioctl(user, 0x8004_5430, &number) == 0 else {
            throw CocoaError(.fileReadUnknown)
        }
        program = open("/dev/pts/\(number)", O_RDWR | O_NOCTTY)
        resize(rows: rows, columns: columns)
        _ = fcntl(user, F_SETFL, O_NONBLOCK)
    }

    deinit {
        close(program)
        close(user)
    }

    func resize(rows: UInt16, columns: UInt16) {
        var size = winsize(ws_row: rows, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0)
        _ = ioctl(user, UInt(TIOCSWINSZ), &size)
    }

    func press(_ text: String) {
        let bytes = Array(text.utf8)
        _ = write(user, bytes, bytes.count)
    }

    /// Everything that was shown so far, as it was sent.
    func shown() -> String {
        var bytes = [UInt8](repeating: 0, count: 65536)
        while true {
            let count = read(user, &bytes, bytes.count)
            guard count > 0 else { return text }
            text += String(decoding: bytes[..<count], as: UTF8.self)
        }
    }

    /// The settings of the terminal, as bytes to compare.
    func settings() -> [tcflag_t] {
        var settings = termios()
        tcgetattr(program, &settings)
        return [settings.c_iflag, settings.c_oflag, settings.c_cflag, settings.c_lflag]
    }
}
