import MartletCore
import MartletOTLP

/// A record that is put together from members, some of which have a place of their own.
///
/// Of two members that mean the same thing the first counts, the other stays an attribute. A member whose value is not
/// what its name promises, such as a time that cannot be read, stays an attribute too: nothing is lost.
struct EntryDraft {
    var entry = LogEntry()
    var resource: [Attribute] = []
    private(set) var dropped = 0
    private let attributesMax: Int
    private let utcOffset: Int64

    init(attributesMax: Int, utcOffset: Int64) {
        self.attributesMax = attributesMax
        self.utcOffset = utcOffset
    }

    /// Takes a member in.
    mutating func take(_ name: String, _ value: AttributeValue) {
        if let key = KnownKey(name), place(key, value) { return }
        attribute(name, value)
    }

    /// Adds an attribute, whatever its name means.
    mutating func attribute(_ name: String, _ value: AttributeValue) {
        guard entry.attributes.count < attributesMax else {
            dropped += 1
            return
        }
        entry.attributes.append(Attribute(name, value))
    }

    /// Adds a text as an attribute unless it is empty or a dash, which stands for nothing.
    mutating func attribute(_ name: String, unlessDash text: String) {
        if !text.isEmpty, text != "-" { attribute(name, .string(text)) }
    }

    /// Tells what the record comes from; the first to do so counts.
    mutating func resource(_ name: String, _ text: String) -> Bool {
        guard !text.isEmpty, text != "-", !resource.contains(where: { $0.key == name }) else { return false }
        resource.append(Attribute(name, .string(text)))
        return true
    }

    /// The record when all was taken in.
    mutating func finish(level statusKey: Bool = true) -> LogEntry {
        entry.droppedAttributes = UInt32(clamping: dropped)
        if statusKey, entry.severity == 0, let status = status { entry.severity = LevelWord.severity(status: status) }
        return entry
    }

    /// The status of an answer, where the record tells of one.
    var status: Int64? {
        for attribute in entry.attributes where attribute.key == "status" || attribute.key == Self.statusKey {
            if case .int(let status) = attribute.value, (100...599).contains(status) { return status }
            if case .string(let text) = attribute.value, let status = Int64(text), (100...599).contains(status) {
                return status
            }
        }
        return nil
    }

    static let statusKey = "http.response.status_code"

    private mutating func place(_ key: KnownKey, _ value: AttributeValue) -> Bool {
        switch key {
        case .time:
            guard entry.time == 0, let time = time(value), time > 0 else { return false }
            entry.time = UInt64(time)
        case .level:
            guard entry.severity == 0 else { return false }
            return level(value)
        case .message:
            guard entry.body == .empty, case .string = value else { return false }
            entry.body = value
        case .trace:
            guard !entry.traceID.isValid, let id = value.string.flatMap({ TraceID($0) }), id.isValid else {
                return false
            }
            entry.traceID = id
        case .span:
            guard !entry.spanID.isValid, let id = value.string.flatMap({ SpanID($0) }), id.isValid else { return false }
            entry.spanID = id
        case .service:
            guard let name = value.string else { return false }
            return resource("service.name", name)
        case .host:
            guard let name = value.string else { return false }
            return resource("host.name", name)
        }
        return true
    }

    private func time(_ value: AttributeValue) -> Int64? {
        switch value {
        case .string(let text): TimestampText.parse(Array(text.utf8)[...], utcOffset: utcOffset)
        case .int(let number): TimestampText.epoch(Array(String(number).utf8)[...])
        case .double(let number):
            number > 1e8 && number < 1e11
                ? Int64(number) * 1_000_000_000 + Int64((number - number.rounded(.down)) * 1e9) : nil
        default: nil
        }
    }

    private mutating func level(_ value: AttributeValue) -> Bool {
        switch value {
        case .string(let word):
            guard let severity = LevelWord.severity(word.utf8) else { return false }
            (entry.severity, entry.severityText) = (severity, word)
        case .int(let number):
            guard let severity = LevelWord.severity(pino: number) else { return false }
            (entry.severity, entry.severityText) = (severity, String(number))
        default: return false
        }
        return true
    }
}

extension AttributeValue {
    fileprivate var string: String? {
        if case .string(let text) = self { text } else { nil }
    }
}
