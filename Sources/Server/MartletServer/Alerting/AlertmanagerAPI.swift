import MartletAlerting
import MartletConfiguration
import MartletCore
import MartletHTTPServer
import MartletNotify
import MartletSeries

/// Alertmanager's API v2, for amtool, Grafana and Prometheus.
///
/// - SeeAlso: [openapi.yaml](https://github.com/prometheus/alertmanager/blob/v0.28.1/api/v2/openapi.yaml)
struct AlertmanagerAPI: Sendable {
    /// The largest list of alerts that one request may hold.
    static let alertsMax = 100_000

    let server: Server
    let patterns: any PatternCompiler

    /// What is wrong with a request; the answer is a text in JSON, as Alertmanager gives it.
    struct Refusal: Error {
        var status = 400
        var message: String
    }

    func addRoutes(to router: inout Router) {
        func add(_ methods: String..., path: String, _ answer: @escaping @Sendable (Call) throws -> HTTPResponse) {
            for method in methods {
                router.add(method, path: "/api/v2/\(path)") { respond($0, $1, answer) }
            }
        }
        add("GET", path: "status", status)
        add("GET", path: "receivers", receivers)
        add("GET", path: "alerts", alerts)
        add("POST", path: "alerts", postAlerts)
        add("GET", path: "alerts/groups", groups)
        add("GET", path: "silences", silences)
        add("POST", path: "silences", postSilence)
        add("GET", path: "silence/{id}", silence)
        add("DELETE", path: "silence/{id}", deleteSilence)
        // Clients that know only the newest paths ask these first.
        router.add("GET", path: "/api/v2/healthy") { _, _ in .text("OK") }
    }

    /// One request with what it says.
    struct Call {
        let request: HTTPRequest
        let values: [String: String]
        let parameters: Parameters

        /// A yes or no; anything else is refused.
        func flag(_ name: String) throws(Refusal) -> Bool {
            switch parameters[name]?.lowercased() {
            case nil, "true", "1", "t": true
            case "false", "0", "f": false
            case let text?:
                throw Refusal(message: "\(name) in query must be of type boolean: \(LabelSyntax.quoted(text))")
            }
        }
    }

    private func respond(
        _ request: HTTPRequest,
        _ values: [String: String],
        _ answer: (Call) throws -> HTTPResponse
    ) -> HTTPResponse {
        do {
            return try answer(Call(request: request, values: values, parameters: Parameters(request)))
        } catch let refusal as Refusal {
            return .json(Array(JSONText.quoted(refusal.message).utf8), status: refusal.status)
        } catch {
            return .json(Array(JSONText.quoted(String(describing: error)).utf8), status: 500)
        }
    }

    /// The conditions of a repeated parameter.
    func matchers(_ call: Call, _ name: String = "filter") throws(Refusal) -> [LabelMatcher] {
        var matchers: [LabelMatcher] = []
        for text in call.parameters.values(of: name) where !text.isEmpty {
            do throws(MatcherText.SyntaxError) {
                matchers += try MatcherText.parse(text, patterns: patterns)
            } catch {
                throw Refusal(message: "bad matcher format: \(text): \(error.description)")
            }
        }
        return matchers
    }

    /// The pattern that receivers' names have to match; `nil` for any.
    func receiverPattern(_ call: Call) throws(Refusal) -> (any Pattern)? {
        guard let text = call.parameters["receiver"] else { return nil }
        do throws(PatternError) {
            return try patterns.compile(text)
        } catch {
            throw Refusal(message: "failed to parse receiver param: \(error.description)")
        }
    }

    /// A JSON answer.
    func json(_ body: (inout JSONWriter) -> Void) -> HTTPResponse {
        var writer = JSONWriter()
        body(&writer)
        return .json(writer.bytes)
    }

    /// A time in milliseconds since the epoch as the API writes it.
    static func time(_ milliseconds: Int64) -> String {
        let limit: Int64 = 253_402_300_799_000
        return RFC3339.string(nanosecondsSinceEpoch: min(milliseconds, min(limit, .max / 1_000_000)) * 1_000_000)
    }

    // MARK: - Status and receivers

    private func status(_ call: Call) -> HTTPResponse {
        let status = server.status.snapshot
        return json {
            $0.object {
                $0.member("cluster") {
                    $0.member("status", "disabled")
                    $0.member("peers", strings: [])
                }
                $0.member("versionInfo") {
                    $0.member("version", "0.28.1")
                    $0.member("revision", "Martlet \(Version.current)")
                    $0.member("branch", "HEAD")
                    $0.member("buildUser", "")
                    $0.member("buildDate", "")
                    $0.member("goVersion", "")
                }
                $0.member("config") {
                    $0.member(
                        "original",
                        status.configuration.alertmanagerYAML(receivers: status.notification.receivers.map(\.name))
                    )
                }
                $0.member("uptime", Self.time(status.startTime))
            }
        }
    }

    private func receivers(_ call: Call) throws -> HTTPResponse {
        _ = try matchers(call, "receiver_matchers")
        let names = server.status.snapshot.notification.receivers.map(\.name)
        return json {
            $0.array(names) { writer, name in
                writer.object {
                    $0.member("name", name)
                    $0.member("labels") { _ in }
                }
            }
        }
    }
}
