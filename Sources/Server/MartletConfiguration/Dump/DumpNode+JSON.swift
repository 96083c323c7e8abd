import MartletCore

extension DumpNode {
    /// The node as JSON; plain values that JSON does not know, such as durations, become texts.
    var json: String {
        switch self {
        case .text(let text): JSONText.quoted(text)
        case .plain(let text): Self.isJSON(text) ? text : JSONText.quoted(text)
        case .list(let items): "[" + items.map(\.json).joined(separator: ", ") + "]"
        case .mapping(let entries):
            "{" + entries.map { "\(JSONText.quoted($0.key)): \($0.value.json)" }.joined(separator: ", ") + "}"
        }
    }

    private static func isJSON(_ text: String) -> Bool {
        guard let value = try? JSONParser.parse(Array(text.utf8)) else { return false }
        return switch value {
        case .number, .bool, .null: true
        default: false
        }
    }

    /// A secret under its key, or under the key of its file.
    static func secret(
        _ source: SecretSource?,
        _ key: String,
        _ showsSecrets: Bool
    ) -> [(key: String, value: DumpNode)] {
        switch source {
        case .inline(let secret)?: [(key, .text(showsSecrets ? secret.reveal() : Secret.placeholder))]
        case .file(let path)?: [("\(key)_file", .text(path))]
        case nil: []
        }
    }
}
