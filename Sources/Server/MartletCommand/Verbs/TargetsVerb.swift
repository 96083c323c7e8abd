import MartletCore

/// `martlet targets`: what a running server scrapes, and how that goes.
enum TargetsVerb: Verb {
    static let syntax = Syntax(
        words: ["targets"],
        summary: "List what a running server scrapes, with state and last error.",
        options: [APIClient.option, OutputFormat.option],
        discussion: "Exits with 1 when a target is down, and with 4 when there is none."
    )

    static func run(_ arguments: Arguments) async throws -> ExitStatus {
        let format = try OutputFormat.chosen(arguments)
        let data = try await APIClient(arguments).data("/api/v1/targets", [("state", "active")])
        let targets = data["activeTargets"].elements
        if let text = format.structured(targets) {
            Terminal.print(text)
        } else {
            let rows = targets.map { target in
                [
                    target["health"].text, target["scrapePool"].text, target["labels"]["instance"].text,
                    target["lastScrape"].text,
                    FloatText.shortest((target["lastScrapeDuration"].number * 1e6).rounded() / 1e6),
                    target["lastError"].text,
                ]
            }
            Terminal.print(
                format.text(header: ["state", "job", "instance", "last scrape", "seconds", "error"], rows: rows)
            )
        }
        if targets.isEmpty { return .nothingFound }
        return targets.contains { $0["health"].text == "down" } ? .failure : .success
    }
}
