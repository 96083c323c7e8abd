import MartletExposition
import Testing

@Suite("Exposition negotiation")
struct NegotiationTests {
    @Test(
        arguments: [
            (nil, ExpositionFormat.text, "text/plain; version=0.0.4; charset=utf-8"),
            ("", .text, "text/plain; version=0.0.4; charset=utf-8"),
            ("*/*", .text, "text/plain; version=0.0.4; charset=utf-8"),
            ("text/html, application/xml;q=0.9", .text, "text/plain; version=0.0.4; charset=utf-8"),
            ("application/json", .json, "application/json"),
            (
                "application/openmetrics-text", .openMetrics,
                "application/openmetrics-text; version=1.0.0; charset=utf-8"
            ),
            ("application/openmetrics-text; version=2.0.0", .text, "text/plain; version=0.0.4; charset=utf-8"),
            ("application/openmetrics-text;q=0, text/plain", .text, "text/plain; version=0.0.4; charset=utf-8"),
            (
                "text/plain;q=0.2, application/openmetrics-text;q=0.7", .openMetrics,
                "application/openmetrics-text; version=1.0.0; charset=utf-8"
            ),
            (
                "application/openmetrics-text;version=1.0.0;q=0.5,application/openmetrics-text;version=0.0.1;q=0.4,text/plain;version=0.0.4;q=0.2,*/*;q=0.1",
                .openMetrics, "application/openmetrics-text; version=1.0.0; charset=utf-8"
            ),
            (
                "application/openmetrics-text; version=1.0.0; escaping=allow-utf-8; q=0.5", .openMetrics,
                "application/openmetrics-text; version=1.0.0; charset=utf-8; escaping=allow-utf-8"
            ),
            (
                "text/plain;version=0.0.4;escaping=dots", .text,
                "text/plain; version=0.0.4; charset=utf-8; escaping=dots"
            ),
            (
                "text/plain;escaping=\"allow-utf-8\"", .text,
                "text/plain; version=1.0.0; charset=utf-8; escaping=allow-utf-8"
            ),
            ("TEXT/PLAIN;Version=0.0.4", .text, "text/plain; version=0.0.4; charset=utf-8"),
        ] as [(String?, ExpositionFormat, String)]
    )
    func `chooses what the client prefers`(accept: String?, format: ExpositionFormat, contentType: String) {
        let answer = ExpositionFormat.negotiated(accept: accept)
        #expect(answer.format == format)
        #expect(answer.contentType == contentType)
    }

    @Test func `writes names in quotes only where that was agreed`() {
        #expect(ExpositionFormat.negotiated(accept: "text/plain").escaping == .underscores)
        #expect(ExpositionFormat.negotiated(accept: "text/plain;escaping=values").escaping == .values)
        #expect(ExpositionFormat.negotiated(accept: "text/plain;escaping=nonsense").escaping == .underscores)
    }

    @Test func `knows formats by name and by content type`() throws {
        #expect(try ExpositionFormat(named: "text") == .text)
        #expect(try ExpositionFormat(named: "openmetrics") == .openMetrics)
        let error = #expect(throws: UnknownExpositionFormat.self) { try ExpositionFormat(named: "xml") }
        #expect(error?.description == "unknown metrics format \"xml\"; use prometheus, openmetrics, protobuf or json")
        #expect(ExpositionFormat(contentType: "application/openmetrics-text; version=1.0.0") == .openMetrics)
        #expect(ExpositionFormat(contentType: "text/plain;charset=utf-8") == .text)
        #expect(ExpositionFormat(contentType: "application/json") == .json)
        #expect(ExpositionFormat(contentType: "image/png") == nil)
    }
}
