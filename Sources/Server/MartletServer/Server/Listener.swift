import MartletHTTPServer

/// A listener that is open.
struct Listener: Sendable {
    /// `main`, `health` or `otlp`.
    let name: String

    let server: HTTPServer

    /// Its address, with the port that was chosen, such as `http://127.0.0.1:9090`.
    let url: String
}
