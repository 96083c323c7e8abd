import MartletLogging
import Testing

@Suite("Log filter")
struct LogFilterTests {
    @Test func `the longest target that fits decides, else the level alone`() throws {
        let filter = try LogFilter(parsing: "warn, wasm_sandbox=info,my_app=debug,my_app.db=off")
        #expect(filter.minimumLevel(of: "scrape") == .warn)
        #expect(filter.minimumLevel(of: "wasm_sandbox") == .info)
        #expect(filter.minimumLevel(of: "my_app") == .debug)
        #expect(filter.minimumLevel(of: "my_app.http") == .debug)
        #expect(filter.minimumLevel(of: "my_app::http") == .debug)
        #expect(filter.minimumLevel(of: "my_app2") == .warn)
        #expect(filter.minimumLevel(of: "my_app.db.pool") == nil)
        #expect(filter.description == "warn,wasm_sandbox=info,my_app=debug,my_app.db=off")
        #expect(try LogFilter(parsing: filter.description) == filter)
    }

    @Test func `words of other systems are taken, and nothing means info`() throws {
        #expect(try LogFilter(parsing: "").minimumLevel == .info)
        #expect(try LogFilter(parsing: "WARNING").minimumLevel == .warn)
        #expect(try LogFilter(parsing: "fatal").minimumLevel == .critical)
        #expect(try LogFilter(parsing: "off").minimumLevel == nil)
        #expect(try LogFilter(parsing: "my_app").minimumLevel(of: "my_app") == .trace)
        #expect(try LogFilter(parsing: "a=info,a=error").minimumLevel(of: "a") == .error)
    }

    @Test func `what cannot be read is named, with what is known`() throws {
        func reason(_ text: String) -> String {
            do {
                return "read as \(try LogFilter(parsing: text))"
            } catch {
                return error.description
            }
        }
        let known = "there are trace, debug, info, warn, error, critical, off"
        #expect(reason("a=debig") == "\"debig\" in a log filter is no level (did you mean \"debug\"?); \(known)")
        #expect(reason("inof") == "\"inof\" in a log filter is no level (did you mean \"info\"?); \(known)")
        #expect(reason("a=9") == "\"9\" in a log filter is no level; \(known)")
        #expect(
            reason("=info")
                == "\"=info\" in a log filter has no target before \"=\"; write target=level, such as scrape=debug"
        )
    }

    @Test func `the environment gives a filter, its own name first`() throws {
        #expect(try LogFilter.from(environment: [:]) == nil)
        #expect(try LogFilter.from(environment: ["RUST_LOG": "a=debug"])?.minimumLevel(of: "a") == .debug)
        let both = ["RUST_LOG": "debug", "MARTLET_LOG": "error"]
        #expect(try LogFilter.from(environment: both)?.minimumLevel == .error)
        #expect(throws: LogFilterError.self) { try LogFilter.from(environment: ["MARTLET_LOG": "a=loud"]) }
    }
}
