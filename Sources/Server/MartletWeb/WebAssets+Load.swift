import CMartletWeb
import MartletCompression
import MartletHTTPServer

// Safety: the C target's files are constant data of the program's image, so their pointers hold, and hold the same
// bytes, for as long as the process lives; names are NUL-terminated literals.

extension WebAssets {
    /// Takes the embedded files in: names them, types them, hashes and compresses them.
    static func load() -> [WebAsset] {
        var assets: [WebAsset] = []
        for index in 0..<martlet_web_file_count() {
            guard let file = unsafe martlet_web_file_at(index) else { continue }
            guard let namePointer = unsafe file.pointee.name else { continue }
            let name = unsafe String(cString: namePointer)
            let buffer = unsafe UnsafeRawBufferPointer(start: file.pointee.bytes, count: file.pointee.count)
            let bytes = unsafe [UInt8](buffer)
            let compressed = Gzip.compress(bytes, level: 9)
            assets.append(
                WebAsset(
                    path: name == "index.html" ? "/" : "/assets/\(name)",
                    contentType: contentType(of: name),
                    content: unsafe StaticBytes(buffer),
                    compressed: compressed.count < bytes.count ? compressed : nil,
                    entityTag: entityTag(of: bytes)
                )
            )
        }
        return assets.sorted { $0.path < $1.path }
    }

    /// The content type that a file's name tells.
    static func contentType(of name: String) -> String {
        switch name.split(separator: ".").last {
        case "html": "text/html; charset=utf-8"
        case "css": "text/css; charset=utf-8"
        case "js": "text/javascript; charset=utf-8"
        case "svg": "image/svg+xml"
        default: "application/octet-stream"
        }
    }

    /// A tag of 128 bits: FNV-1a, forwards and backwards.
    ///
    /// It tells our own files of different builds apart; nobody else chooses them, so it need not resist forgery.
    static func entityTag(of bytes: [UInt8]) -> String {
        "\"\(hexadecimal(fnv(bytes)))\(hexadecimal(fnv(bytes.reversed())))\""
    }

    private static func fnv(_ bytes: some Sequence<UInt8>) -> UInt64 {
        bytes.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
    }

    private static func hexadecimal(_ value: UInt64) -> String {
        let digits = String(value, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}
