/// Where a secret comes from: the configuration itself, or a file that may be rotated.
public enum SecretSource: Sendable, Equatable {
    /// The secret stood in the configuration, or in an environment variable that it named.
    case inline(Secret)

    /// The secret stands in a file, which is read at every use.
    case file(String)

    /// The secret now; spaces and line ends around a file's content are cut off.
    ///
    /// - Throws: ``FileError`` when the file cannot be read.
    public func read() throws(FileError) -> Secret {
        switch self {
        case .inline(let secret): secret
        case .file(let path): Secret(try FileContent.text(of: path, bytesMax: 1 << 20).trimmingSpace())
        }
    }
}

extension String {
    /// This text without the spaces, tabs and line ends around it.
    func trimmingSpace() -> String {
        let isSpace = { (scalar: Unicode.Scalar) in scalar.properties.isWhitespace }
        guard let first = unicodeScalars.firstIndex(where: { !isSpace($0) }),
            let last = unicodeScalars.lastIndex(where: { !isSpace($0) })
        else { return "" }
        return String(unicodeScalars[first...last])
    }
}
