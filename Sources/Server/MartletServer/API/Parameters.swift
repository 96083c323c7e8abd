import MartletCore
import MartletHTTPServer

/// A request's parameters, from the query and a form body, read with the API's rules and error texts.
struct Parameters {
    private let all: [(name: String, value: String)]

    init(_ request: HTTPRequest) {
        all = request.parameters
    }

    /// The first value of a parameter, or `nil`; an empty value counts as none.
    subscript(name: String) -> String? {
        all.first { $0.name == name && !$0.value.isEmpty }?.value
    }

    /// All values of a parameter.
    func values(of name: String) -> [String] {
        all.filter { $0.name == name }.map(\.value)
    }

    func required(_ name: String) throws(APIError) -> String {
        guard let value = self[name] else { throw .badParameter(name, "the parameter is missing") }
        return value
    }

    /// A time in milliseconds since the epoch: seconds with a fraction, or RFC 3339.
    func time(_ name: String) throws(APIError) -> Int64? {
        guard let text = self[name] else { return nil }
        if let seconds = Double(text), seconds.isFinite, abs(seconds) < 9.2e15 {
            return Int64((seconds * 1000).rounded())
        }
        if let nanoseconds = RFC3339.nanosecondsSinceEpoch(text) { return nanoseconds / 1_000_000 }
        throw .badParameter(name, "cannot parse \"\(text)\" to a valid timestamp")
    }

    func requiredTime(_ name: String) throws(APIError) -> Int64 {
        guard let time = try time(name) else {
            throw .badParameter(name, "cannot parse \"\" to a valid timestamp")
        }
        return time
    }

    /// A duration in milliseconds: a number of seconds, or a text such as `5m`.
    func duration(_ name: String) throws(APIError) -> Int64? {
        guard let text = self[name] else { return nil }
        if let seconds = Double(text) {
            guard seconds.isFinite, abs(seconds) < 9.2e9 else {
                throw .badParameter(name, "cannot parse \"\(text)\" to a valid duration. It overflows int64")
            }
            return Int64((seconds * 1000).rounded())
        }
        if let milliseconds = DurationText.milliseconds(text) { return milliseconds }
        throw .badParameter(name, "cannot parse \"\(text)\" to a valid duration")
    }

    /// How many results at most; 0 and absence mean all.
    func limit() throws(APIError) -> Int {
        guard let text = self["limit"] else { return .max }
        guard let limit = Int(text) else {
            throw .badParameter("limit", "cannot parse \"\(text)\" to a number of results")
        }
        guard limit >= 0 else { throw .badParameter("limit", "limit must be non-negative") }
        return limit == 0 ? .max : limit
    }
}
