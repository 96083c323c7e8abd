import MartletHTTPServer
import Testing

@Suite("Content negotiation")
struct HTTPNegotiationTests {
    @Test(arguments: [
        (["gzip"], true), (["br;q=1, gzip;q=0.5"], true), (["*"], true), (["deflate", "GZIP"], true),
        (["GZIP ; q=0.5"], true), (["deflate, gzip;q=1.0"], true), ([], false), (["br"], false),
        (["identity"], false), (["gzip;q=0"], false), (["*, gzip; q=0"], false), (["*;q=0"], false),
    ])
    func `reads whether gzip may be sent`(values: [String], accepted: Bool) {
        var headers = HTTPHeaders()
        for value in values { headers.add("Accept-Encoding", value) }
        #expect(HTTPRequest(method: "GET", path: "/", headers: headers).acceptsGzip == accepted)
    }
}
