public import MartletEvents
import MartletLogging
import MartletSearch
public import MartletSeries

/// Why a search gives no answer.
public enum LogQueryError: Error, CustomStringConvertible {
    /// A regular expression is malformed or too large.
    case pattern(PatternError)

    /// The store cannot be read.
    case store(EventError)

    /// The message, for people.
    public var description: String {
        switch self {
        case .pattern(let error): "the regular expression /\(error.source)/ is wrong: \(error.description)"
        case .store(let error): error.description
        }
    }
}

extension LogStore {
    /// Finds records, and counts what is asked for.
    ///
    /// Damaged blocks are named in the answer's notes; the others answer. The same holds for a time that was too short.
    ///
    /// - Parameter query: What is looked for.
    /// - Returns: The records with histogram, facets or the stage's table.
    /// - Throws: ``LogQueryError``.
    public func search(_ query: LogQuery) throws(LogQueryError) -> LogAnswer {
        let plan: LogPlan
        do throws(PatternError) { plan = try LogPlan(query.search.condition, patterns) } catch { throw .pattern(error) }
        do throws(EventError) { return try search(query, plan) } catch { throw .store(error) }
    }

    private func search(_ query: LogQuery, _ plan: LogPlan) throws(EventError) -> LogAnswer {
        var run = LogSearch(query, plan)
        var seen: (blocks: [StoredBlock<Kind>], frozen: LogTable?) = ([], nil)
        // What memory holds is looked at while writers wait, what does not change afterwards. What may take long, a regular
        // expression over all texts, gets a copy instead, which is made only if something arrives meanwhile.
        var copy: LogTable?
        let readsTexts = plan.readsTexts || query.search.readsTexts
        let failure: EventError? = try events.read(
            memory: { table in
                run.nextSequence = table.base + UInt64(table.count)
                if readsTexts {
                    copy = table
                    return nil
                }
                do throws(EventError) { try run.look(at: table, number: -1) } catch { return error }
                return nil
            },
            blocks: { (failure, frozen, blocks) throws(EventError) in
                seen = (blocks, frozen)
                return failure
            }
        )
        if let failure { throw failure }
        if let table = copy {
            copy = nil
            try run.look(at: table, number: -1)
        }
        if let frozen = seen.frozen { try run.look(at: frozen, number: -1) }
        let order = seen.blocks.indices.sorted { left, right in
            let (first, second) = (seen.blocks[left].file.times, seen.blocks[right].file.times)
            return query.direction == .backward
                ? first.upperBound > second.upperBound : first.lowerBound < second.lowerBound
        }
        try run.look(at: seen.blocks, order: order, logger)
        var readers: [Int: LogBlockReader] = [:]
        var damage: [String] = []
        var answer = try run.answer { (hit) throws(EventError) in
            do throws(EventError) {
                if readers[hit.part] == nil { readers[hit.part] = try LogBlockReader(seen.blocks[hit.part].content) }
                return try readers[hit.part]?.record(hit.row)
            } catch .damaged(let message) {
                if !damage.contains(message) { damage.append(message) }
                return nil
            }
        }
        for message in damage {
            answer.notes.append(message)
            logger.error("a block is damaged; the others answer", ["error": .string(message)])
        }
        return answer
    }
}
