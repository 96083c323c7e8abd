import MartletTerminal

/// How a level looks: never by colour alone.
struct LogLevelLook {
    let glyph: String
    let style: CellStyle

    init(_ level: String) {
        switch level {
        case "critical", "fatal": (glyph, style) = ("✕", CellStyle(.red, isBold: true))
        case "error": (glyph, style) = ("○", CellStyle(.red))
        case "warn": (glyph, style) = ("◐", CellStyle(.yellow))
        case "info": (glyph, style) = ("·", .plain)
        default: (glyph, style) = (" ", .quiet)
        }
    }
}
