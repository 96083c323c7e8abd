extension JSONValue: CustomStringConvertible {
    /// The value as one line of JSON, members sorted by their names, numbers as they were read.
    public var description: String {
        switch self {
        case .null: "null"
        case .bool(let flag): flag ? "true" : "false"
        case .number(let text): text
        case .string(let text): JSONText.quoted(text)
        case .array(let elements): "[" + elements.map(\.description).joined(separator: ",") + "]"
        case .object(let members):
            "{" + members.sorted { $0.key < $1.key }.map { "\(JSONText.quoted($0)):\($1)" }.joined(separator: ",") + "}"
        }
    }
}
