import MartletYAML

/// Which keys of raw sections hold what must not be shown.
enum SecretKeys {
    private static let words = [
        "password", "secret", "token", "credentials", "api_key", "apikey", "routing_key", "service_key", "user_key",
        "access_key", "private_key", "integration_key",
    ]

    private static let addresses: Set<String> = [
        "url", "api_url", "webhook_url", "slack_api_url", "proxy_url", "mattermost_webhook_url", "jira_api_url",
        "opsgenie_api_url",
    ]

    /// Whether a key's value is hidden; webhook addresses are, since they often are the credential itself.
    static func isSecret(_ key: String) -> Bool {
        let key = key.lowercased()
        if key.hasSuffix("_file") || key.hasSuffix("_id") { return false }
        return addresses.contains(key) || words.contains { key.contains($0) } || key == "authorization"
    }
}

extension DumpNode {
    /// A raw node with its secrets hidden.
    init(redacting node: YAMLNode, key: String) {
        switch node.content {
        case .scalar(let text, let isPlain):
            if SecretKeys.isSecret(key), !node.isNull {
                self = .text(Secret.placeholder)
            } else {
                self = isPlain && !text.isEmpty && DumpNode.isPlainValue(text) ? .plain(text) : .text(text)
            }
        case .sequence(let items): self = .list(items.map { DumpNode(redacting: $0, key: key) })
        case .mapping(let pairs):
            self = .mapping(
                pairs.compactMap { pair in
                    guard let name = pair.key.scalar else { return nil }
                    let isHidden =
                        key == "headers" || key == "http_headers" || (key == "authorization" && name != "type")
                    return (name, DumpNode(redacting: pair.value, key: isHidden ? "credentials" : name))
                }
            )
        }
    }

    /// Whether a plain scalar is a number or a boolean and so needs no quotes to stay one.
    private static func isPlainValue(_ text: String) -> Bool {
        Double(text) != nil || ["true", "false", "null", "~"].contains(text)
    }
}
