import MartletCompression
import MartletEvents

/// What the server compresses blocks with.
struct ZstandardCodec: BlockCodec {
    func compress(_ bytes: [UInt8], level: Int) -> [UInt8] { Zstandard.compress(bytes, level: level) }

    func decompress(_ bytes: [UInt8], count: Int) -> [UInt8]? {
        let content = try? Zstandard.decompress(bytes, limit: count)
        return content?.count == count ? content : nil
    }
}
