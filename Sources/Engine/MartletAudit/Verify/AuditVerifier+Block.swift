extension AuditVerifier {
    /// What a block came to while it was read.
    private struct Count {
        var commits: UInt64 = 0
        var events: UInt64 = 0
        var leaves: [AuditHash] = []
        var lastTime: Int64 = 0
        var firstTime: Int64 = 0
        var isClosed = false
        /// Whether something inside was told already, so that its hash being wrong is no news.
        var isTold = false
    }

    /// Reads a block.
    mutating func verifyBlock(_ number: UInt64, _ bytes: Span<UInt8>, isSealed: Bool, isLast: Bool) {
        guard var walk = AuditBlockWalk(bytes), walk.header.number == number else {
            report.blocks += 1
            if !isSealed, bytes.count < AuditBlockHeader.size {
                report.notes.append("block \(number) was just begun")
                return
            }
            report.add(.damaged, block: number, "block \(number) does not begin with its header")
            (state.blockHash, state.commitHash) = (.zero, .zero)
            return
        }
        checkHeader(walk.header)
        var count = Count()
        let header = walk.header
        report.blocks += 1
        state.commit = header.firstCommit &- 1
        state.commitHash = header.previousCommit
        state.event = header.firstEvent &- 1
        while let item = walk.next(bytes) {
            switch item {
            case .commit(let frame, let content): verify(frame, content, number, bytes, &count)
            case .damage(let range): damage(range, number, bytes, &count)
            case .footer(let frame, let summary): verify(frame, summary, number, &count)
            case .tail(let range, let isTorn):
                tail(range, number, isTorn: isTorn, isSealed: isSealed, isLast: isLast, &count)
            }
        }
        guard isSealed, !count.isClosed else { return }
        if !count.isTold {
            report.add(
                .truncated,
                block: number,
                "block \(number) ends without its closing, after event \(state.event): its tail is missing"
            )
        }
        state.isCut = true
        state.blockHash = .zero
    }

    // MARK: Commits

    private mutating func verify(
        _ frame: AuditRecordFrame,
        _ content: AuditCommitContent,
        _ number: UInt64,
        _ bytes: Span<UInt8>,
        _ count: inout Count
    ) {
        let chain = chain
        var told = false
        if content.firstEvent > state.event + 1 {
            report.add(
                .missing,
                block: number,
                events: (state.event + 1)...(content.firstEvent - 1),
                Self.missing(state.event + 1, content.firstEvent - 1, number)
            )
            told = true
        } else if content.number != state.commit + 1 || content.firstEvent != state.event + 1 {
            report.add(
                .damaged,
                block: number,
                "commit \(state.commit + 1) of block \(number) calls itself commit \(content.number) with events from "
                    + "\(content.firstEvent)"
            )
            told = true
        }
        let leaves = content.entries.enumerated().map { index, entry in
            chain.leaf(content.firstEvent &+ UInt64(index), bytes.extracting(entry.range))
        }
        if leaves != content.entries.map(\.leaf) {
            told = true
            tell(content, leaves, number, bytes)
        }
        let hash = chain.commit(state.commitHash, bytes.extracting(frame.payload))
        let last = content.firstEvent &+ UInt64(content.entries.count) &- 1
        if !content.isComplete, !told {
            report.add(
                .missing,
                block: number,
                events: content.firstEvent...max(content.firstEvent, last),
                "commit \(content.number) of block \(number) has not the \(content.count) events that it tells of"
            )
            told = true
        }
        if hash != frame.hash, !told, !count.isTold {
            report.add(
                .altered,
                block: number,
                events: content.firstEvent...max(content.firstEvent, last),
                "commit \(content.number) of block \(number), events \(content.firstEvent) to \(last), is not what its hash says"
            )
            told = true
        }
        if !frame.isWhole, !told {
            report.add(
                .damaged,
                block: number,
                "the checksum of commit \(content.number) of block \(number) was altered, its content is as it was written"
            )
            told = true
        }
        // From here on what is written counts, so that one fault is told once.
        state.commit = content.number
        state.commitHash = frame.hash
        state.event = last
        report.commits += 1
        report.events += UInt64(content.entries.count)
        note(commit: content.number, frame.hash)
        if count.firstTime == 0 { count.firstTime = content.time }
        count.lastTime = max(count.lastTime, content.time)
        count.commits += 1
        count.events += UInt64(content.entries.count)
        count.leaves += content.entries.map(\.leaf)
        count.isTold = count.isTold || told
    }

    /// Names the events of a commit that are not what their leaves say.
    private mutating func tell(
        _ content: AuditCommitContent,
        _ leaves: [AuditHash],
        _ number: UInt64,
        _ bytes: Span<UInt8>
    ) {
        let chain = chain
        let entries = content.entries
        /// The number that an entry's bytes and leaf fit, of those that stand near.
        func ownNumber(_ index: Int) -> UInt64? {
            let place = content.firstEvent &+ UInt64(index)
            let near = (0..<max(entries.count, content.count) + 64).map { content.firstEvent &+ UInt64($0) }
            let event = bytes.extracting(entries[index].range)
            for candidate in [place &+ 1, place &- 1] + near where chain.leaf(candidate, event) == entries[index].leaf {
                return candidate
            }
            return nil
        }
        /// Whether the bytes of two events stand in each other's place, and their leaves do not.
        func areExchanged(_ first: Int, _ second: Int) -> Bool {
            let (one, other) = (entries[first], entries[second])
            return chain.leaf(content.firstEvent &+ UInt64(first), bytes.extracting(other.range)) == one.leaf
                && chain.leaf(content.firstEvent &+ UInt64(second), bytes.extracting(one.range)) == other.leaf
        }
        var wrong = entries.indices.filter { leaves[$0] != entries[$0].leaf }
        let own = Dictionary(uniqueKeysWithValues: wrong.prefix(256).map { ($0, ownNumber($0)) })
        while let index = wrong.first {
            wrong.removeFirst()
            let here = content.firstEvent &+ UInt64(index)
            guard let belongs = own[index] ?? nil else {
                if let place = wrong.prefix(64).firstIndex(where: { areExchanged(index, $0) }) {
                    let other = content.firstEvent &+ UInt64(wrong.remove(at: place))
                    report.add(
                        .swapped,
                        block: number,
                        events: here...other,
                        "events \(here) and \(other) in block \(number), commit \(content.number), were swapped"
                    )
                    continue
                }
                report.add(
                    .altered,
                    block: number,
                    events: here...here,
                    "event \(here) in block \(number), commit \(content.number), was altered"
                )
                continue
            }
            let other = Int(clamping: belongs &- content.firstEvent)
            if let place = wrong.firstIndex(of: other), own[other] == here {
                wrong.remove(at: place)
                report.add(
                    .swapped,
                    block: number,
                    events: min(here, belongs)...max(here, belongs),
                    "events \(min(here, belongs)) and \(max(here, belongs)) in block \(number), commit \(content.number), "
                        + "were swapped"
                )
                continue
            }
            guard belongs > here else {
                report.add(
                    .altered,
                    block: number,
                    events: here...here,
                    "event \(belongs) in block \(number) stands in the place of event \(here)"
                )
                continue
            }
            // All that follows stands as many places too early as events are missing.
            report.add(.missing, block: number, events: here...(belongs - 1), Self.missing(here, belongs - 1, number))
            let shift = belongs - here
            wrong.removeAll { later in
                own[later].flatMap { $0 } == content.firstEvent &+ UInt64(later) &+ shift || later >= 256
            }
        }
    }

    private static func missing(_ first: UInt64, _ last: UInt64, _ block: UInt64) -> String {
        first == last
            ? "event \(first) is missing in block \(block)" : "events \(first) to \(last) are missing in block \(block)"
    }

    // MARK: Damage and ends

    private mutating func damage(_ range: Range<Int>, _ number: UInt64, _ bytes: Span<UInt8>, _ count: inout Count) {
        count.isTold = true
        // The record behind the damage tells how far it reaches.
        var next: AuditCommitContent?
        if let frame = AuditRecordFrame(bytes, at: range.upperBound), frame.marker == AuditCommit.marker {
            next = AuditCommitContent(bytes, frame.payload)
        }
        let first = state.event + 1
        if let next, next.firstEvent > first {
            report.add(
                .damaged,
                block: number,
                events: first...(next.firstEvent - 1),
                "block \(number) is damaged at byte \(range.lowerBound): events \(first) to \(next.firstEvent - 1) cannot be read"
            )
            (state.event, state.commit) = (next.firstEvent - 1, next.number &- 1)
        } else {
            report.add(
                .damaged,
                block: number,
                "block \(number) is damaged at byte \(range.lowerBound), for \(range.count) bytes behind event \(state.event)"
            )
        }
    }

    private mutating func tail(
        _ range: Range<Int>,
        _ number: UInt64,
        isTorn: Bool,
        isSealed: Bool,
        isLast: Bool,
        _ count: inout Count
    ) {
        if !isSealed, isLast, isTorn {
            report.notes.append(
                "block \(number) ends in \(range.count) bytes of a record that was not complete; it was never acknowledged"
            )
            return
        }
        report.add(
            isSealed && isTorn ? .truncated : .damaged,
            block: number,
            isSealed && isTorn
                ? "block \(number) ends inside of a record behind event \(state.event): its tail is missing"
                : "block \(number) is damaged from byte \(range.lowerBound) to its end, behind event \(state.event)"
        )
        count.isTold = true
    }

    private mutating func verify(
        _ frame: AuditRecordFrame,
        _ summary: AuditBlockSummary,
        _ number: UInt64,
        _ count: inout Count
    ) {
        let chain = chain
        let wanted = AuditBlockSummary(
            header: summary.header,
            commits: count.commits,
            events: count.events,
            firstTime: count.firstTime,
            lastTime: count.lastTime,
            lastCommit: state.commitHash,
            root: chain.root(count.leaves)
        )
        if !count.isTold {
            if summary.events > wanted.events {
                report.add(
                    .missing,
                    block: number,
                    events: (state.event + 1)...(state.event + (summary.events - wanted.events)),
                    "block \(number) closes with \(summary.events) events and has \(wanted.events)"
                )
            } else if summary != wanted {
                report.add(.rewritten, block: number, "block \(number) is not what its closing says")
            } else if chain.block(summary) != frame.hash {
                report.add(.altered, block: number, "the hash of block \(number) is not that of its content")
            } else if !frame.isWhole {
                report.add(.damaged, block: number, "the checksum of the closing of block \(number) was altered")
            }
        }
        count.isClosed = true
        state.blockHash = frame.hash
        state.commitHash = summary.lastCommit
        state.blockHashes[number] = frame.hash
        state.event = max(state.event, summary.nextEvent &- 1)
        state.commit = summary.nextCommit &- 1
    }
}
