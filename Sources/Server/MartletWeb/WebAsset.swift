public import MartletHTTPServer

/// A file of the web page: constant data of the program, and how to send it.
public struct WebAsset: Sendable {
    /// The path it is served at, such as `/assets/app.js`; `/` for the page itself.
    public let path: String

    /// The value of `Content-Type`.
    public let contentType: String

    /// The bytes as they are.
    public let content: StaticBytes

    /// The bytes compressed with gzip, where that makes them smaller.
    public let compressed: [UInt8]?

    /// A strong entity tag, quotes and all; the same bytes have the same tag in every build.
    public let entityTag: String
}
