import MartletCore
import Testing

@testable import MartletAlerting

@Suite("Alert life")
struct AlertMachineTests {
    private static let minute: Int64 = 60_000

    private func element(_ name: String = "a", value: Double = 1) -> AlertMachine.Element {
        AlertMachine.Element(labels: ["alertname": "Down", "instance": name], value: value)
    }

    private func state(_ machine: AlertMachine, _ name: String = "a") -> AlertState? {
        machine.alerts[["alertname": "Down", "instance": name]]?.state
    }

    /// Present at each time or not, and the state that the alert has then.
    @Test(
        arguments: [
            // hold 0: fires at once, and is kept for a quarter of an hour once it ended
            (
                0, 0,
                [
                    (0, true, AlertState.firing), (60_000, false, .inactive), (960_000, false, .inactive),
                    (960_001, false, nil),
                ]
            ),
            // hold 5m: pending until the fifth minute is full
            (
                300_000, 0,
                [(0, true, .pending), (299_999, true, .pending), (300_000, true, .firing), (360_000, true, .firing)]
            ),
            // a gap before firing forgets everything
            (
                300_000, 0,
                [
                    (0, true, .pending), (60_000, false, nil), (120_000, true, .pending), (360_000, true, .pending),
                    (420_000, true, .firing),
                ]
            ),
            // firing again after the end waits again
            (
                60_000, 0,
                [
                    (0, true, .pending), (60_000, true, .firing), (120_000, false, .inactive),
                    (180_000, true, .pending), (240_000, true, .firing),
                ]
            ),
            // keep_firing_for 2m
            (
                0, 120_000,
                [(0, true, .firing), (60_000, false, .firing), (120_000, false, .firing), (180_000, false, .inactive)]
            ),
            // coming back within keep_firing_for starts it over
            (
                0, 120_000,
                [
                    (0, true, .firing), (60_000, false, .firing), (120_000, true, .firing), (180_000, false, .firing),
                    (240_000, false, .firing), (300_000, false, .inactive),
                ]
            ),
        ] as [(Int64, Int64, [(Int64, Bool, AlertState?)])]
    )
    func `moves from state to state`(hold: Int64, keep: Int64, steps: [(Int64, Bool, AlertState?)]) throws {
        var machine = AlertMachine()
        for (time, isPresent, expected) in steps {
            _ = try machine.evaluate(isPresent ? [element()] : [], at: time, hold: hold, keep: keep)
            #expect(state(machine) == expected, "at \(time)")
        }
    }

    @Test func `tells what changed`() throws {
        var machine = AlertMachine()
        let first = try machine.evaluate([element(value: 7)], at: 0, hold: Self.minute)
        guard case .pending(let pending)? = first.first else { throw Failure("expected pending, got \(first)") }
        #expect(pending.activeAt == 0 && pending.value == 7 && pending.firedAt == nil)
        #expect(try machine.evaluate([element()], at: 30_000, hold: Self.minute).isEmpty)
        let second = try machine.evaluate([element(value: 9)], at: Self.minute, hold: Self.minute)
        guard case .fired(let fired)? = second.first else { throw Failure("expected fired, got \(second)") }
        #expect(fired.activeAt == 0 && fired.firedAt == Self.minute && fired.value == 9)
        let third = try machine.evaluate([], at: 2 * Self.minute, hold: Self.minute)
        guard case .resolved(let resolved)? = third.first else { throw Failure("expected resolved, got \(third)") }
        #expect(resolved.resolvedAt == 2 * Self.minute && resolved.firedAt == Self.minute)
        #expect(machine.state == .inactive)
    }

    @Test func `stays one alert however often it is evaluated`() throws {
        var machine = AlertMachine()
        for step in 0..<10 { _ = try machine.evaluate([element(value: Double(step))], at: Int64(step) * 1000, hold: 0) }
        #expect(machine.alerts.count == 1)
        #expect(machine.alerts.values.first?.value == 9)
        #expect(machine.alerts.values.first?.firedAt == 0)
        #expect(machine.state == .firing)
    }

    @Test func `refuses two elements with the same labels and keeps its alerts`() throws {
        var machine = AlertMachine()
        _ = try machine.evaluate([element()], at: 0, hold: 0)
        #expect(throws: RuleError.duplicateLabels(isAlerting: true)) {
            try machine.evaluate([element(), element()], at: 1000, hold: 0)
        }
        #expect(state(machine) == .firing)
    }

    @Test func `forgets its alerts when there are too many`() throws {
        var machine = AlertMachine()
        _ = try machine.evaluate([element("a"), element("b")], at: 0, hold: 0, limit: 2)
        #expect(throws: RuleError.limitExceeded(limit: 2, count: 3, isAlerting: true)) {
            try machine.evaluate([element("a"), element("b"), element("c")], at: 1000, hold: 0, limit: 2)
        }
        #expect(machine.alerts.isEmpty)
    }

    @Test func `hands alerts on at once and then at each resend delay`() throws {
        var machine = AlertMachine()
        var sent: [Int64] = []
        for time in stride(from: Int64(0), through: 180_000, by: 15_000) {
            _ = try machine.evaluate([element()], at: time, hold: 0)
            let alerts = machine.takeAlertsToSend(at: time, resendDelay: Self.minute, interval: 15_000)
            if let alert = alerts.first {
                sent.append(time)
                #expect(alert.validUntil == time + 240_000)
            }
        }
        // A minute has to be over: the turn that is exactly a minute later is too early, as in Prometheus.
        #expect(sent == [0, 75_000, 150_000])
        _ = try machine.evaluate([], at: 195_000, hold: 0)
        let ended = machine.takeAlertsToSend(at: 195_000, resendDelay: Self.minute, interval: 15_000)
        #expect(ended.map(\.resolvedAt) == [195_000])
    }

    @Test func `hands no pending alert on`() throws {
        var machine = AlertMachine()
        _ = try machine.evaluate([element()], at: 0, hold: Self.minute)
        #expect(machine.takeAlertsToSend(at: 0, resendDelay: 0, interval: 0).isEmpty)
    }

    @Test func `has the state of its most urgent alert`() throws {
        var machine = AlertMachine()
        _ = try machine.evaluate([element("a"), element("b")], at: 0, hold: Self.minute)
        _ = try machine.evaluate([element("a")], at: Self.minute, hold: Self.minute)
        _ = try machine.evaluate([element("a"), element("c")], at: 2 * Self.minute, hold: Self.minute)
        #expect(machine.alerts.values.map(\.state).sorted() == [.pending, .firing])
        #expect(machine.state == .firing)
        #expect(AlertState.allCases.sorted().map(\.rawValue) == ["inactive", "pending", "firing"])
    }

    @Test func `takes an alert back after a restart`() throws {
        var machine = AlertMachine()
        machine.restore(
            ActiveAlert(labels: element().labels, annotations: [:], state: .pending, value: 1, activeAt: 0)
        )
        _ = try machine.evaluate([element()], at: 5 * Self.minute, hold: 5 * Self.minute)
        #expect(state(machine) == .firing)
    }
}

struct Failure: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}
