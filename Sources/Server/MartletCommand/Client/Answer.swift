import MartletCore

/// A part of a server's JSON answer, read leniently: what is missing is empty, since another version may leave it out.
struct Answer {
    /// The JSON itself.
    let json: JSONValue

    /// Reads bytes; `nil` for what is no JSON.
    init?(_ bytes: [UInt8]) {
        guard let json = try? JSONParser.parse(bytes) else { return nil }
        self.json = json
    }

    init(_ json: JSONValue?) { self.json = json ?? .null }

    /// A list of answers as one.
    init(_ answers: [Answer]) { json = .array(answers.map(\.json)) }

    /// A member of an object; null where there is none.
    subscript(name: String) -> Answer { Answer(json[name]) }

    /// The elements of a list; empty for anything else.
    var elements: [Answer] { json.elements?.map(Answer.init) ?? [] }

    /// The members of an object; empty for anything else.
    var members: [String: Answer] { json.members?.mapValues(Answer.init) ?? [:] }

    /// A text, or the empty one.
    var text: String { json.text ?? "" }

    /// A number, or zero.
    var number: Double {
        if case .number = json { json.double ?? 0 } else { 0 }
    }

    /// Whether it is `true`.
    var isTrue: Bool { json == .bool(true) }

    /// Whether it is `false`.
    var isFalse: Bool { json == .bool(false) }

    /// Whether there is nothing.
    var isNull: Bool { json == .null }
}
