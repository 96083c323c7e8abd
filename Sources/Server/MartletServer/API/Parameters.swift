import MartletCore
import MartletHTTPServer

/// A request's parameters, from a form body and the query, read with the API's rules and error texts.
///
/// Where a name stands in both, the body's value counts, as in Go's `FormValue`.
struct Parameters {
    private let all: [(name: String, value: String)]

    init(_ request: HTTPRequest) {
        let isForm = request.headers["Content-Type"]?.lowercased().hasPrefix("application/x-www-form-urlencoded")
        let body = isForm == true ? FormEncoding.decode(String(decoding: request.body, as: UTF8.self)) : []
        all = body + request.query
    }

    /// The first value of a parameter, or `nil`; an empty value counts as none.
    subscript(name: String) -> String? {
        guard let value = all.first(where: { $0.name == name })?.value, !value.isEmpty else { return nil }
        return value
    }

    /// All values of a parameter.
    func values(of name: String) -> [String] {
        all.filter { $0.name == name }.map(\.value)
    }

    /// A time that need not be given, in milliseconds since the epoch: seconds with a fraction, or RFC 3339.
    func time(_ name: String) throws(APIError) -> Int64? {
        guard let text = self[name] else { return nil }
        if let time = Self.milliseconds(text) { return time }
        throw .badParameter(
            name,
            "Invalid time value for '\(name)': cannot parse \(LabelSyntax.quoted(text)) to a valid timestamp"
        )
    }

    /// A time that must be given.
    func requiredTime(_ name: String) throws(APIError) -> Int64 {
        let text = self[name] ?? ""
        if let time = Self.milliseconds(text) { return time }
        throw .badParameter(name, "cannot parse \(LabelSyntax.quoted(text)) to a valid timestamp")
    }

    /// A duration in milliseconds: a number of seconds, or a text such as `5m`.
    func duration(_ name: String) throws(APIError) -> Int64? {
        guard let text = self[name] else { return nil }
        do throws(DurationProblem) {
            return try Self.duration(text)
        } catch {
            throw .badParameter(name, error.message)
        }
    }

    /// A duration that must be given.
    func requiredDuration(_ name: String) throws(APIError) -> Int64 {
        guard let duration = try duration(name) else {
            throw .badParameter(name, "cannot parse \"\" to a valid duration")
        }
        return duration
    }

    /// Why a text is no duration.
    struct DurationProblem: Error {
        let message: String
    }

    /// A duration in whole milliseconds, cut off.
    static func duration(_ text: String) throws(DurationProblem) -> Int64 {
        if let seconds = Double(text) {
            guard seconds.isFinite, abs(seconds) < 9_223_372_036.854_775 else {
                throw DurationProblem(
                    message: "cannot parse \(LabelSyntax.quoted(text)) to a valid duration. It overflows int64"
                )
            }
            return Int64(seconds * 1e9) / 1_000_000
        }
        if let milliseconds = DurationText.milliseconds(text) { return milliseconds }
        throw DurationProblem(message: "cannot parse \(LabelSyntax.quoted(text)) to a valid duration")
    }

    /// How many results at most; 0 and absence mean all.
    func limit() throws(APIError) -> Int {
        let limit = try integer("limit") ?? 0
        guard limit >= 0 else { throw .badParameter("limit", "limit must be non-negative") }
        return limit == 0 ? .max : limit
    }

    /// A whole number, in the words in which Go's parser refuses others.
    func integer(_ name: String) throws(APIError) -> Int? {
        guard let text = self[name] else { return nil }
        if let number = Int(text) { return number }
        let isNumber = text.drop { $0 == "-" || $0 == "+" }.allSatisfy { ("0"..."9").contains($0) }
        let reason = isNumber ? "value out of range" : "invalid syntax"
        throw .badParameter(name, "strconv.Atoi: parsing \(LabelSyntax.quoted(text)): \(reason)")
    }

    /// Milliseconds since the epoch, or `nil` where a text is no time.
    static func milliseconds(_ text: String) -> Int64? {
        if let seconds = Double(text), seconds.isFinite, abs(seconds) < 9.2e15 {
            return Int64((seconds * 1000).rounded())
        }
        if text == Self.firstTime { return -9_223_372_036_854_775 }
        if text == Self.lastTime { return 9_223_372_036_854_775 }
        return RFC3339.nanosecondsSinceEpoch(text).map {
            $0 >= 0 ? $0 / 1_000_000 : -((-$0 + 999_999) / 1_000_000)
        }
    }

    /// The earliest and the latest time that clients in Go know, which they send for "all of time".
    private static let firstTime = "-292273086-05-16T16:47:06Z"
    private static let lastTime = "+292277025-08-18T07:12:54.999999999Z"
}
