import MartletAlerting
import MartletAudit
import MartletCore
import MartletHTTPServer
import MartletNotify
import MartletSeries

extension AlertmanagerAPI {
    func silences(_ call: Call) throws -> HTTPResponse {
        let matchers = try matchers(call)
        let now = server.clock.millisecondsSinceEpoch
        var wanted: Set<Silence.State> = []
        for state in Silence.State.allCases where try call.flag(state.rawValue) { wanted.insert(state) }
        let states = wanted
        let found = Blocking.value { [server] in await server.notifier.silences }.filter { silence in
            guard states.contains(silence.state(at: now)) else { return false }
            let labels = LabelSet(silence.matchers.map { Label($0.name, $0.value) })
            return matchers.allSatisfy { $0.matches(labels) }
        }
        return json { $0.array(Self.ordered(found, at: now)) { Self.write($1, at: now, to: &$0) } }
    }

    /// Those that hold by their end, then those to come by their start, then those that are over, the latest first.
    static func ordered(_ silences: [Silence], at time: Int64) -> [Silence] {
        let rank = { (silence: Silence) -> (Int, Int64, String) in
            switch silence.state(at: time) {
            case .active: (0, silence.endsAt, silence.id)
            case .pending: (1, silence.startsAt, silence.id)
            case .expired: (2, -silence.endsAt, silence.id)
            }
        }
        return silences.sorted { rank($0) < rank($1) }
    }

    func silence(_ call: Call) throws -> HTTPResponse {
        let id = call.values["id"] ?? ""
        let now = server.clock.millisecondsSinceEpoch
        guard let silence = Blocking.value(of: { [server] in await server.notifier.silence(id) }) else {
            throw Refusal(status: 404, message: "silence \(id) not found")
        }
        return json { Self.write(silence, at: now, to: &$0) }
    }

    func deleteSilence(_ call: Call) throws -> HTTPResponse {
        let id = call.values["id"] ?? ""
        let refusal = Blocking.value { [server] () async -> SilenceBook.Refusal? in
            do throws(SilenceBook.Refusal) {
                try await server.notifier.expireSilence(id)
                return nil
            } catch {
                return error
            }
        }
        if let refusal { throw Refusal(status: 404, message: refusal.description) }
        server.audit.record(
            .alerting("silence.expire", by: call.request.headers["X-Martlet-Actor"] ?? "", resource: id)
        )
        return HTTPResponse(status: 200)
    }

    func postSilence(_ call: Call) throws -> HTTPResponse {
        let silence = try Self.silence(call.request.body, patterns: patterns)
        let result = Blocking.value { [server] () async -> Result<Silence, SilenceBook.Refusal> in
            do throws(SilenceBook.Refusal) {
                return .success(try await server.notifier.set(silence))
            } catch {
                return .failure(error)
            }
        }
        switch result {
        case .success(let held):
            server.audit.record(
                .alerting("silence.create", by: held.createdBy, resource: held.id, reason: held.comment)
            )
            return json { $0.object { $0.member("silenceID", held.id) } }
        case .failure(.unknown(let id)): throw Refusal(status: 404, message: "silence \(id) not found")
        case .failure(let refusal): throw Refusal(message: refusal.description)
        }
    }

    private static func silence(_ body: [UInt8], patterns: any PatternCompiler) throws(Refusal) -> Silence {
        let value: JSONValue
        do {
            value = try JSONParser.parse(body)
        } catch {
            throw Refusal(message: "parsing silence body failed: \(error.description)")
        }
        guard let written = value["matchers"]?.elements else { throw Refusal(message: "matchers is required") }
        var matchers: [LabelMatcher] = []
        for entry in written { matchers.append(try matcher(entry, patterns)) }
        guard let starts = try time(value["startsAt"], "startsAt"), let ends = try time(value["endsAt"], "endsAt")
        else {
            throw Refusal(message: "startsAt and endsAt are required")
        }
        guard let creator = value["createdBy"]?.text, let comment = value["comment"]?.text else {
            throw Refusal(message: "createdBy and comment are required")
        }
        return Silence(
            id: value["id"]?.text ?? "",
            matchers: matchers,
            startsAt: starts,
            endsAt: ends,
            createdBy: creator,
            comment: comment,
            annotations: (value["annotations"]?.members ?? [:]).compactMapValues(\.text)
        )
    }

    private static func matcher(_ value: JSONValue, _ patterns: any PatternCompiler) throws(Refusal) -> LabelMatcher {
        guard let name = value["name"]?.text, let text = value["value"]?.text,
            case .bool(let isRegex)? = value["isRegex"],
            !name.isEmpty
        else { throw Refusal(message: "a matcher needs name, value and isRegex") }
        let isEqual = value["isEqual"] != .bool(false)
        let operation: LabelMatcher.Operation =
            isRegex ? (isEqual ? .matches : .doesNotMatch) : (isEqual ? .equal : .notEqual)
        do throws(PatternError) {
            return try LabelMatcher(name, operation, text, compiler: patterns)
        } catch {
            throw Refusal(message: "bad regular expression \(LabelSyntax.quoted(text)): \(error.description)")
        }
    }

    static func write(_ silence: Silence, at time: Int64, to writer: inout JSONWriter) {
        writer.object {
            $0.member("id", silence.id)
            $0.member("status") { $0.member("state", silence.state(at: time).rawValue) }
            $0.member("updatedAt", Self.time(silence.updatedAt))
            $0.member("comment", silence.comment)
            $0.member("createdBy", silence.createdBy)
            $0.member("endsAt", Self.time(silence.endsAt))
            $0.member("startsAt", Self.time(silence.startsAt))
            $0.member("annotations", texts: silence.annotations)
            $0.member("matchers", array: silence.matchers) { writer, matcher in
                writer.object {
                    $0.member("isEqual", matcher.operation == .equal || matcher.operation == .matches)
                    $0.member("isRegex", matcher.operation == .matches || matcher.operation == .doesNotMatch)
                    $0.member("name", matcher.name)
                    $0.member("value", matcher.value)
                }
            }
        }
    }
}
