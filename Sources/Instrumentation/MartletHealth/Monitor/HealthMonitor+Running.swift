import MartletCore
import Synchronization

extension HealthMonitor {
    /// The task that runs one check at once and then on its interval.
    func loop(of check: any HealthCheck) -> Task<Void, Never> {
        let timer = timer
        let schedule = CheckSchedule(
            name: check.name,
            interval: interval(of: check),
            jitter: configuration.jitter,
            start: timer.nanoseconds
        )
        return Task { [weak self] in
            while !Task.isCancelled {
                // Between runs nothing holds the monitor, so that one that nobody uses any more goes away.
                await self?.run(named: check.name)
                if self == nil { return }
                do {
                    try await timer.sleep(untilNanoseconds: schedule.next(after: timer.nanoseconds))
                } catch {
                    return
                }
            }
        }
    }

    /// Runs a check, or joins the run that goes on.
    func run(named name: String) async {
        let run: Task<Void, Never>? = state.withLock { state in
            guard let check = state.checks[name] else { return nil }
            if let current = check.current { return current }
            let since = check.hangingSince
            let run = Task { await self.runOnce(check.check, hangingSince: since) }
            state.checks[name]?.current = run
            return run
        }
        await run?.value
    }

    private func interval(of check: any HealthCheck) -> Duration {
        max(.milliseconds(1), check.interval ?? configuration.interval)
    }

    private func timeout(of check: any HealthCheck) -> Duration {
        let interval = interval(of: check)
        let timeout = check.timeout ?? configuration.timeout
        return timeout < interval ? timeout : interval * 9 / 10
    }

    private func runOnce(_ check: any HealthCheck, hangingSince: Int64?) async {
        let start = timer.nanoseconds
        let outcome: CheckOutcome
        if let hangingSince {
            let seconds = max(0, clock.millisecondsSinceEpoch - hangingSince) / 1000
            outcome = CheckOutcome(
                .unhealthy("an earlier run has not come back for \(seconds) s; the check is not started again"),
                isTimeout: true
            )
        } else {
            outcome = await attempt(check)
        }
        take(outcome, of: check, took: .nanoseconds(timer.nanoseconds - start))
    }

    /// One run of a check against its timeout; whichever ends first counts.
    private func attempt(_ check: any HealthCheck) async -> CheckOutcome {
        let timeout = timeout(of: check)
        let began = clock.millisecondsSinceEpoch
        let timer = timer
        let deadline = timer.nanoseconds + timeout.wholeNanoseconds
        let answer = FirstAnswer<CheckOutcome>()
        let work = Task(executorPreference: check.isBlocking ? blocking : nil) { [weak self] in
            do {
                answer.give(CheckOutcome(try await check.check()))
            } catch {
                answer.give(CheckOutcome(.unhealthy(String(describing: error))))
            }
            self?.cameBack(check.name)
        }
        let alarm = Task { [weak self] in
            do { try await timer.sleep(untilNanoseconds: deadline) } catch { return }
            self?.hangs(check.name, since: began, unless: answer)
            let text = DurationText.string(milliseconds: timeout.wholeNanoseconds / 1_000_000)
            answer.give(CheckOutcome(.unhealthy("timed out after \(text)"), isTimeout: true))
            work.cancel()
        }
        let outcome = await answer.value
        alarm.cancel()
        return outcome
    }

    /// Notes that a run was given up, so that the check isn't started again before it comes back.
    private func hangs(_ name: String, since time: Int64, unless answer: FirstAnswer<CheckOutcome>) {
        state.withLock { state in
            if !answer.isGiven { state.checks[name]?.hangingSince = time }
        }
    }

    private func cameBack(_ name: String) {
        state.withLock { $0.checks[name]?.hangingSince = nil }
    }

    private func take(_ outcome: CheckOutcome, of check: any HealthCheck, took: Duration) {
        let time = clock.millisecondsSinceEpoch
        let events = state.withLock { state -> [HealthEvent] in
            // A check that was taken away meanwhile leaves no trace.
            guard var known = state.checks[check.name] else { return [] }
            known.current = nil
            let events = known.take(outcome.result, isTimeout: outcome.isTimeout, took: took, at: time)
            state.checks[check.name] = known
            for case .changed(let transition) in events { remember(transition, &state) }
            return events + overallEvents(&state, at: time)
        }
        tell(events)
    }

    /// Brings the state of the whole up to date; called under the lock.
    func overallEvents(_ state: inout State, at time: Int64) -> [HealthEvent] {
        let records = state.checks.values.map(\.record)
        let overall = configuration.mode.overall(records)
        guard overall != state.overall else { return [] }
        let bad = records.filter { !$0.isHealthy }.map(\.name).sorted()
        let transition = HealthTransition(
            check: "",
            time: time,
            from: state.overall,
            to: overall,
            message: bad.isEmpty ? "all checks are healthy" : "not healthy: \(bad.joined(separator: ", "))"
        )
        state.overall = overall
        remember(transition, &state)
        return [.overallChanged(transition)]
    }

    private func remember(_ transition: HealthTransition, _ state: inout State) {
        let room = max(1, configuration.historyMax)
        if state.history.count >= room {
            // A quarter at once, so that a full history does not move at each change.
            let gone = max(1, room / 4)
            state.history.removeFirst(gone)
            state.historyDropped += UInt64(gone)
        }
        state.history.append(transition)
    }

    /// Tells observers and readers, outside of the lock.
    func tell(_ events: [HealthEvent]) {
        guard !events.isEmpty else { return }
        let (observers, subscribers) = state.withLock { ($0.observers, Array($0.subscribers.values)) }
        for event in events {
            for observer in observers { observer.observe(event) }
            switch event {
            case .changed(let transition), .overallChanged(let transition):
                for subscriber in subscribers { subscriber.yield(transition) }
            default: break
            }
        }
    }
}

/// What came of one run.
struct CheckOutcome: Sendable {
    let result: HealthResult
    let isTimeout: Bool

    init(_ result: HealthResult, isTimeout: Bool = false) {
        self.result = result
        self.isTimeout = isTimeout
    }
}
