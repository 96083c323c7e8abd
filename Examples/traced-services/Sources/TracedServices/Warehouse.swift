import Martlet

/// Knows how many of each thing are there. Its spans are parts of the caller's, whoever that is.
actor Warehouse {
    private let tracer: Tracer
    private var stock = ["apple": 7, "pear": 0]

    init(_ tracer: Tracer) {
        self.tracer = tracer
    }

    func count(of item: String) async throws -> Int {
        try await tracer.withSpan("count stock") { span in
            span.setAttribute("item", item)
            try await Task.sleep(for: .milliseconds(5))
            guard let count = stock[item] else { throw UnknownItem(item: item) }
            span.setAttribute("count", count)
            return count
        }
    }
}

struct UnknownItem: Error, CustomStringConvertible {
    let item: String
    var description: String { "there is no item \"\(item)\"; try apple or pear" }
}
