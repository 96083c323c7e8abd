import Foundation

/// A JSON value, read for a test.
enum JSON: Decodable, Equatable, Sendable {
    case object([String: JSON])
    case array([JSON])
    case text(String)
    case number(Double)
    case flag(Bool)
    case null

    init(_ text: String) throws {
        self = try JSONDecoder().decode(JSON.self, from: Data(text.utf8))
    }

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if container.decodeNil() {
            self = .null
        } else if let flag = try? container.decode(Bool.self) {
            self = .flag(flag)
        } else if let number = try? container.decode(Double.self) {
            self = .number(number)
        } else if let text = try? container.decode(String.self) {
            self = .text(text)
        } else if let elements = try? container.decode([JSON].self) {
            self = .array(elements)
        } else {
            self = .object(try container.decode([String: JSON].self))
        }
    }

    subscript(name: String) -> JSON { members[name] ?? .null }

    var members: [String: JSON] { if case .object(let members) = self { members } else { [:] } }

    var elements: [JSON] { if case .array(let elements) = self { elements } else { [] } }

    var text: String { if case .text(let text) = self { text } else { "" } }

    var number: Double { if case .number(let number) = self { number } else { .nan } }
}
