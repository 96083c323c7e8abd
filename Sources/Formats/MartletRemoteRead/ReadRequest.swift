public import MartletProtobuf

/// What a remote reader asks for: `prometheus.ReadRequest`.
///
/// - SeeAlso: [Remote read API](https://prometheus.io/docs/prometheus/3.5/querying/remote_read_api/)
public struct ReadRequest: Hashable, Sendable {
    /// How answers may come.
    public enum ResponseType: Int64, Sendable {
        /// All samples in one message.
        case samples = 0
        /// Messages of compressed chunks, one after the other.
        case streamedChunks = 1
    }

    /// One condition on a label.
    public struct Matcher: Hashable, Sendable {
        /// How values are compared, in the order of the protocol's numbers.
        public enum Kind: Int64, Sendable {
            /// `=`
            case equal = 0
            /// `!=`
            case notEqual = 1
            /// `=~`
            case matches = 2
            /// `!~`
            case doesNotMatch = 3
        }

        /// How the value is compared.
        public var kind: Kind
        /// The label.
        public var name: String
        /// The text or the expression.
        public var value: String

        /// Creates a condition.
        public init(_ kind: Kind, name: String, value: String) {
            self.kind = kind
            self.name = name
            self.value = value
        }
    }

    /// One selection.
    public struct Query: Hashable, Sendable {
        /// The first time wanted, in milliseconds since the epoch.
        public var start: Int64 = 0
        /// The last time wanted.
        public var end: Int64 = 0
        /// The conditions, all of which hold.
        public var matchers: [Matcher] = []

        /// Creates a selection of nothing in particular.
        public init() {}
    }

    /// How many selections one request may hold.
    public static let queriesMax = 1000

    /// The selections.
    public var queries: [Query] = []

    /// How answers may come, the most wanted first; empty means samples.
    public var accepted: [ResponseType] = []

    /// Reads a message.
    ///
    /// - Throws: ``ReadError``.
    public init(decoding bytes: [UInt8]) throws(ReadError) {
        do throws(ProtobufError) {
            try read(ProtobufReader(bytes))
        } catch {
            throw .malformed(error)
        }
        guard queries.count <= Self.queriesMax else { throw .tooManyQueries(queries.count) }
        guard !hasUnknownMatcher else { throw .unknownMatcher }
    }

    private var hasUnknownMatcher = false

    private mutating func read(_ message: ProtobufReader) throws(ProtobufError) {
        var reader = message
        while let field = try reader.next() {
            switch field.number {
            case 1: queries.append(try query(reader.message(field)))
            case 2:
                var found: [ResponseType] = []
                try reader.forEachUnsigned(field) { number in
                    if let type = ResponseType(rawValue: Int64(truncatingIfNeeded: number)) { found.append(type) }
                }
                accepted += found
            default: break
            }
        }
    }

    private mutating func query(_ message: ProtobufReader) throws(ProtobufError) -> Query {
        var reader = message
        var query = Query()
        while let field = try reader.next() {
            switch field.number {
            case 1: query.start = try reader.integer(field)
            case 2: query.end = try reader.integer(field)
            case 3: query.matchers.append(try matcher(reader.message(field)))
            default: break
            }
        }
        return query
    }

    private mutating func matcher(_ message: ProtobufReader) throws(ProtobufError) -> Matcher {
        var reader = message
        var matcher = Matcher(.equal, name: "", value: "")
        while let field = try reader.next() {
            switch field.number {
            case 1:
                if let kind = Matcher.Kind(rawValue: try reader.integer(field)) {
                    matcher.kind = kind
                } else {
                    hasUnknownMatcher = true
                }
            case 2: matcher.name = try reader.text(field) ?? ""
            case 3: matcher.value = try reader.text(field) ?? ""
            default: break
            }
        }
        return matcher
    }
}

/// Why a request cannot be read.
public enum ReadError: Error, Hashable, CustomStringConvertible {
    /// It is no message of the kind.
    case malformed(ProtobufError)
    /// It asks for too much at once.
    case tooManyQueries(Int)
    /// It compares labels in a way that the protocol does not know.
    case unknownMatcher

    /// The message, for people.
    public var description: String {
        switch self {
        case .malformed(let error): error.description
        case .tooManyQueries(let count):
            "\(count) queries in one request are more than \(ReadRequest.queriesMax); send several requests"
        case .unknownMatcher: "a matcher's type is none of EQ, NEQ, RE and NRE"
        }
    }
}
