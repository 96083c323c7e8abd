import Foundation
import Testing

/// The command line as a user meets it: help, errors, exit statuses.
@Suite("Command", .fewAtOnce)
struct CommandTests {
    @Test func `check config shows all three mistakes with their places and exits 1`() async throws {
        let folder = try Folder()
        let file = try folder.write(
            "martlet.yml",
            """
            global:
              scrape_intervall: 5s
            scrape_configs:
              - job_name: node
                scrape_interval: soon
                static_configs: [{targets: ["localhost:9100"]}]
              - job_name: node
                static_configs: [{targets: ["localhost:9101"]}]
            """
        )
        let (status, output, error) = try await Tools.run(Tools.martlet, "check", "config", file)
        let lines = (output + error).split(separator: "\n").filter { $0.contains("martlet.yml:") }
        #expect(status == 1)
        #expect(lines.count == 3, "\(output)\(error)")
        #expect(lines.allSatisfy { $0.firstMatch(of: #/martlet\.yml:\d+:\d+: /#) != nil })
        #expect(
            lines[0].contains("martlet.yml:2:3: unknown field \"scrape_intervall\" (did you mean \"scrape_interval\"?)")
        )
    }

    @Test func `check config accepts a good file`() async throws {
        let folder = try Folder()
        let file = try folder.write(
            "martlet.yml",
            "scrape_configs: [{job_name: a, static_configs: [{targets: ['b:1']}]}]\n"
        )
        #expect(try await Tools.run(Tools.martlet, "check", "config", file).status == 0)
    }

    @Test func `check metrics reads a page from standard input`() async throws {
        #expect(
            try await Tools.run(Tools.martlet, "check", "metrics", input: "# TYPE a_total counter\na_total 1\n").status
                == 0
        )
        let bad = try await Tools.run(Tools.martlet, "check", "metrics", input: "a_total{x=} 1\n")
        #expect(bad.status == 1)
        #expect((bad.output + bad.error).contains("1:"))
    }

    @Test(arguments: [
        (["srve"], "did you mean \"serve\"?"), (["serve", "--listn", "x"], "did you mean \"--listen\"?"),
        (["query"], "needs EXPR"),
        (["query", "up", "-o", "xml"], "takes table, json, jsonl, csv"),
        (["check", "confg", "x"], "did you mean \"config\"?"),
        (["check"], "config, rules, metrics"),
    ])
    func `wrong usage exits 2 and says what was meant`(words: [String], hint: String) throws {
        let process = Process()
        process.executableURL = URL(filePath: Tools.martlet)
        process.arguments = words
        let pipe = Pipe()
        process.standardError = pipe
        try process.run()
        let text = String(decoding: try pipe.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
        process.waitUntilExit()
        #expect(process.terminationStatus == 2)
        #expect(text.hasPrefix("martlet: "))
        #expect(text.contains(hint), "\(text)")
    }

    @Test func `every verb has a help page`() async throws {
        let overview = try await Tools.run(Tools.martlet, "--help")
        #expect(overview.status == 0)
        for verb in [
            "serve", "demo", "query", "targets", "alerts", "check config", "check rules", "check metrics", "version",
        ] {
            #expect(overview.output.contains("  \(verb) "))
            let words = verb.split(separator: " ").map(String.init)
            let page = try await Tools.run(Tools.martlet, words + ["--help"])
            #expect(page.status == 0)
            #expect(page.output.contains("usage: martlet \(verb)"))
        }
    }

    @Test func `a server that is not there gives status 3`() async throws {
        let port = try Tools.freePort()
        let (status, _, error) = try await Tools.run(Tools.martlet, "query", "--url", "http://127.0.0.1:\(port)", "up")
        #expect(status == 3)
        #expect(error.contains("martlet serve"))
    }

    @Test func `query prints tables, JSON and CSV, and PromQL errors with their place`() async throws {
        let server = try await ServerUnderTest()
        _ = try await eventually("a scrape of itself") { try await server.query("up").isEmpty ? nil : true }
        let table = try await Tools.run(Tools.martlet, "query", "--url", server.url, "up * 0 + 7")
        #expect(table.output.hasPrefix("SERIES"))
        #expect(table.output.contains(" 7\n"))
        let json = try await Tools.run(Tools.martlet, "query", "--url", server.url, "-o", "json", "vector(7)")
        #expect(try JSON(json.output)["resultType"].text == "vector")
        let csv = try await Tools.run(
            Tools.martlet,
            "query",
            "--url",
            server.url,
            "-o",
            "csv",
            "--range",
            "1m",
            "--step",
            "30s",
            "vector(7)"
        )
        #expect(csv.output.hasPrefix("series,time,value\r\n{},"))
        let bad = try await Tools.run(Tools.martlet, "query", "--url", server.url, "sum(rat(up[5m]))")
        #expect(bad.status == 1)
        #expect(bad.error.contains("1:5: parse error: unknown function with name \"rat\" (did you mean \"rate\"?)"))
    }
}
