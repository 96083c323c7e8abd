import MartletCore
import MartletHTTPServer
import Testing

@testable import MartletServer

@Suite("Answers")
struct AnswerTests {
    @Test func `JSON is written with commas where they belong`() {
        var writer = JSONWriter()
        writer.object {
            $0.member("a", "x\"y")
            $0.key("b")
            $0.array {
                $0.number(1_435_781_451.781)
                $0.number(-0.5)
                $0.number(.nan)
                $0.object { _ in }
            }
            $0.member("c", 3)
            $0.member("d", true)
            $0.member("e", Double.infinity)
        }
        #expect(
            String(decoding: writer.bytes, as: UTF8.self)
                == #"{"a":"x\"y","b":[1435781451.781,-0.5,"NaN",{}],"c":3,"d":true,"e":"+Inf"}"#
        )
    }

    @Test func `only long answers are compressed`() {
        let request = HTTPRequest(method: "GET", path: "/", headers: ["Accept-Encoding": "gzip"])
        let long = HTTPResponse.text(String(repeating: "a", count: 5000))
        #expect(ResponseCompression.apply(to: long, for: request).headers["Content-Encoding"] == "gzip")
        #expect(ResponseCompression.apply(to: .text("a"), for: request).headers["Content-Encoding"] == nil)
        #expect(
            ResponseCompression.apply(to: long, for: HTTPRequest(method: "GET", path: "/")).headers["Content-Encoding"]
                == nil
        )
    }

    @Test(
        arguments: [
            ("time=1435781451.781", 1_435_781_451_781), ("time=2015-07-01T20:10:51.781Z", 1_435_781_451_781),
            ("time=-1", -1000),
        ] as [(String, Int64)]
    )
    func `times are Unix seconds or RFC 3339`(query: String, milliseconds: Int64) throws {
        let parameters = Parameters(HTTPRequest(method: "GET", path: "/", query: FormEncoding.decode(query)))
        #expect(try parameters.time("time") == milliseconds)
    }

    @Test(arguments: ["time=soon", "time=NaN", "time=1e300"])
    func `what is no time is refused with its name and text`(query: String) {
        let parameters = Parameters(HTTPRequest(method: "GET", path: "/", query: FormEncoding.decode(query)))
        #expect { try parameters.time("time") } throws: { error in
            (error as? APIError)?.message.contains("'time': cannot parse \"") == true
        }
    }

    @Test(arguments: [("step=15", 15_000), ("step=0.5", 500), ("step=1m", 60_000)] as [(String, Int64)])
    func `durations are seconds or texts`(query: String, milliseconds: Int64) throws {
        let parameters = Parameters(HTTPRequest(method: "GET", path: "/", query: FormEncoding.decode(query)))
        #expect(try parameters.duration("step") == milliseconds)
    }
}
