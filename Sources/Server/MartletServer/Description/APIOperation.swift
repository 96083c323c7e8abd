/// One path of the HTTP API as its description tells it.
struct APIOperation: Sendable {
    /// A parameter in the query, or in a form body.
    struct Parameter: Sendable {
        let name: String
        let help: String
        var isRequired = false
        var isRepeated = false
        var isInPath = false
        /// A value that works on any server, with which the path can be tried.
        var example: String?
    }

    /// What a good answer holds.
    enum Content: Sendable {
        /// Prometheus' envelope around an object with these members, or around anything where there are none.
        case data([String])
        /// Prometheus' envelope around a list.
        case list
        /// Prometheus' envelope around a text.
        case text
        /// Something else, of this content type.
        case other(String)
        /// Events without an end.
        case stream
        /// Nothing.
        case none
    }

    /// The path, names of segments in braces.
    let path: String
    let methods: [String]
    let area: String
    let summary: String
    var parameters: [Parameter] = []
    let content: Content
    /// The content type of a body that is no form.
    var body: String?
}
