import Martlet
import MartletHTTPServer
import MartletPacks

@main
struct SupervisedService {
    static func main() async throws {
        let metrics = ActorMetrics(system: "example")
        let executor = MeteredActorExecutor("workers", metrics)
        let names = ["cart", "checkout", "connection", "mailer"]
        let mailboxes = Dictionary(
            uniqueKeysWithValues: names.map { ($0, MeteredMailbox<Worker.Order>($0, capacity: 100, metrics)) }
        )

        func leaf(_ name: String) -> ChildSpecification {
            ChildSpecification(actor: name, healthInterval: .seconds(1)) {
                Worker(name, executor, mailboxes[name] ?? MeteredMailbox(name, capacity: 1, metrics))
            }
        }
        func supervisor(_ name: String, _ strategy: SupervisionStrategy) -> Supervisor {
            Supervisor(name, strategy: strategy, observers: [metrics.supervision])
        }

        let shop = supervisor("shop", .oneForOne)
        await shop.add(leaf("cart"))
        await shop.add(leaf("checkout"))
        let post = supervisor("post", .restForOne)
        await post.add(leaf("connection"))
        await post.add(leaf("mailer"))
        let root = supervisor("root", .oneForAll)
        await root.add(ChildSpecification(shop))
        await root.add(ChildSpecification(post))

        let health = HealthMonitor(.init(checkInterval: .seconds(1)))
        HealthCollector.attach(to: health)
        for check in await shop.healthChecks() + post.healthChecks() { health.add(check) }
        health.start()

        let server = try HTTPServer(.init(port: port)) { request in
            answer(request, health: health, mailboxes: mailboxes)
        }
        print("listening on http://127.0.0.1:\(server.port)")
        let load = Task {
            while !Task.isCancelled {
                for mailbox in mailboxes.values { mailbox.offer(.work) }
                try await Task.sleep(for: .milliseconds(50))
            }
        }
        defer { load.cancel() }
        try await root.run()
    }

    /// The first argument, or 8001; 0 lets the system choose.
    static var port: Int { CommandLine.arguments.dropFirst().first.flatMap { Int($0) } ?? 8001 }

    static func answer(
        _ request: HTTPRequest,
        health: HealthMonitor,
        mailboxes: [String: MeteredMailbox<Worker.Order>]
    ) -> HTTPResponse {
        let parts = request.path.split(separator: "/").map(String.init)
        switch (request.method, parts.first, parts.dropFirst().first.flatMap { mailboxes[$0] }) {
        case ("GET", "health", _):
            let report = health.report
            return .json(Array(report.json().utf8), status: report.httpStatusCode())
        case ("GET", "metrics", _):
            let format = ExpositionFormat.negotiated(accept: request.headers["accept"])
            let body = ExpositionRenderer(format).render(MetricRegistry.default.gather())
            return HTTPResponse(status: 200, headers: ["Content-Type": format.contentType], body: .bytes(body))
        case ("POST", "kill", let mailbox?): return .text(mailbox.offer(.fail) ? "told\n" : "mailbox is full\n")
        case ("POST", "sicken", let mailbox?): return .text(mailbox.offer(.sicken) ? "told\n" : "mailbox is full\n")
        default: return .text("not found\n", status: 404)
        }
    }
}
