/// How the lines of a source are to be read.
public enum LineFormat: Sendable {
    /// Whatever the line looks like: JSON, logfmt, an access log, a time and a level before a text.
    case automatic
    /// One JSON object a line.
    case json
    /// `key=value key="two words"`.
    case logfmt
    /// The common and the combined format of Apache and nginx.
    case access
    /// RFC 5424 or RFC 3164, with or without a priority.
    case syslog
    /// Text, whose time and level are recognised where they stand at its beginning.
    case plain
    /// Text that an expression with named groups takes apart.
    case expression(any LinePattern)
}
