import MartletEvents
import MartletFiles
import MartletLogging
import Synchronization

extension LogSearch {
    /// Two work where there are this many records or more; for fewer a second thread costs more than it saves.
    private static var sharedMin: Int { 65_536 }

    /// What two who work on a search have in common.
    private final class Shared: Sendable {
        let next = Atomic(0)
        let done = Mutex<[(worker: Int, result: Result<LogSearch, EventError>)]>([])
    }

    /// Looks at sealed blocks in an order.
    ///
    /// Where all that is found counts, a second thread takes every block that the first has not yet begun.
    mutating func look(
        at blocks: [StoredBlock<LogStore.Kind>],
        order: [Int],
        _ logger: Logger
    ) throws(EventError) {
        let count = order.reduce(0) { $0 + blocks[$1].content.count }
        guard collector.needsAll, order.count > 1, count >= Self.sharedMin, !isQuick else {
            for number in order {
                guard try look(at: blocks[number], number, logger) else { break }
            }
            return
        }
        var fresh = self
        (fresh.collector, fresh.notes) = (LogCollector(query), [])
        let (start, shared) = (fresh, Shared())
        ParallelWork.run(2) { worker in
            var own = start
            let result: Result<LogSearch, EventError>
            do throws(EventError) {
                while true {
                    let place = shared.next.add(1, ordering: .relaxed).oldValue
                    guard place < order.count else { break }
                    guard try own.look(at: blocks[order[place]], order[place], logger) else { break }
                }
                result = .success(own)
            } catch {
                result = .failure(error)
            }
            shared.done.withLock { $0.append((worker, result)) }
        }
        for (_, result) in shared.done.withLock({ $0 }).sorted(by: { $0.worker < $1.worker }) {
            let own = try result.get()
            collector.merge(own.collector)
            notes += own.notes
            isCut = isCut || own.isCut
        }
    }

    /// Whether dictionaries or filters answer, so that a thread would take longer to start.
    private var isQuick: Bool {
        switch plan {
        case .trace, .span, .nothing: true
        case .words(let test): collector.needsCountOnly && test.words.count == 1 && !test.words[0].isOpen
        default: false
        }
    }

    /// Looks at a sealed block; `false` where the search is over.
    private mutating func look(
        at block: StoredBlock<LogStore.Kind>,
        _ number: Int,
        _ logger: Logger
    ) throws(EventError) -> Bool {
        guard needs(block.file.times, block.content.base, block.content.count) else { return true }
        if isOver(block.file.byteCount) { return false }
        do throws(EventError) {
            try look(at: try LogBlockReader(block.content), number: number)
        } catch .damaged(let message) {
            notes.append(message)
            logger.error("a block is damaged; the others answer", ["error": .string(message)])
        }
        return true
    }
}
