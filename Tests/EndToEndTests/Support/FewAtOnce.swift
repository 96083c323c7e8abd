import Testing

/// Lets a handful of a suite's tests run at once, together with those of all other suites that have the trait: each starts
/// servers and browsers of its own, and a hundred at once starve each other.
struct FewAtOnce: SuiteTrait, TestTrait, TestScoping {
    var isRecursive: Bool { true }

    func provideScope(
        for test: Test,
        testCase: Test.Case?,
        performing run: @Sendable () async throws -> Void
    ) async throws {
        await Places.shared.take()
        do {
            try await run()
        } catch {
            await Places.shared.giveBack()
            throw error
        }
        await Places.shared.giveBack()
    }
}

extension Trait where Self == FewAtOnce {
    /// At most six tests of all suites that have this run at once.
    static var fewAtOnce: FewAtOnce { FewAtOnce() }
}

/// The places of tests that run, handed on in the order of asking.
private actor Places {
    static let shared = Places()

    private var free = 6
    private var waiting: [CheckedContinuation<Void, Never>] = []

    func take() async {
        guard free == 0 else {
            free -= 1
            return
        }
        await withCheckedContinuation { waiting.append($0) }
    }

    func giveBack() {
        if waiting.isEmpty { free += 1 } else { waiting.removeFirst().resume() }
    }
}
