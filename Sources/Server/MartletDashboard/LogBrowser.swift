import MartletTerminal

/// The screen that searches logs: what it knows, what keys do to it, and what it asks for.
///
/// A value without a terminal and without a network: keys and answers go in, ``Effect`` values come out, and
/// ``draw(rows:columns:)`` gives what is to be seen.
public struct LogBrowser: Sendable {
    /// What the browser wants done.
    ///
    /// Answers come back through ``take(_:)``.
    public enum Effect: Hashable, Sendable {
        /// Records of a search, the newest first; `cursor` is empty for the first page.
        case search(number: Int, query: String, cursor: String)
        /// What arrived from a sequence on, the oldest first.
        case arrivals(number: Int, query: String, from: String)
        /// How much arrived from a sequence on.
        case arrivalCount(number: Int, query: String, from: String)
        /// A trace, drawn so many columns wide.
        case trace(number: Int, id: String, columns: Int)
        /// A line to append to a file.
        case save(line: String, file: String)
        /// The end.
        case quit
    }

    /// What became of an ``Effect``.
    public enum Answer: Sendable {
        case page(number: Int, LogPage)
        case arrivals(number: Int, LogPage)
        case arrivalCount(number: Int, LogPage)
        case trace(number: Int, [String])
        case saved(file: String)
        case failed(number: Int, LogProblem)
        case notSaved(String)
    }

    /// What is seen beneath the query.
    enum View: Hashable {
        case list
        case record
        case trace
        case help
    }

    /// How the browser follows what arrives.
    enum Following: Hashable {
        case off
        case live
        /// Something is being read; so many records wait.
        case paused(waiting: Int)
    }

    /// So many records are asked for at once.
    public static let pageSize = 200

    /// So many records are kept while following; the oldest are let go, and found again by paging.
    public static let recordsMax = 1000

    /// After so many ticks a server that does not answer is asked again.
    static let retryTicks = 4

    var editor: LineEditor
    var isEditing = false
    /// The search whose answer is shown or awaited.
    var query: String
    var page: LogPage?
    /// The cursors of the pages before this one and of this one; the first is empty.
    var cursors = [""]
    var following = Following.off
    var view = View.list
    /// The record that is chosen, and the first that is seen.
    var chosen = 0
    var top = 0
    /// The first line of a record, a trace or the help that is seen.
    var scrolled = 0
    var traceLines: [String] = []
    var traceID = ""
    var fileEditor: LineEditor?
    var problem: LogProblem?
    var message = ""
    /// The lines of the record that is shown, kept because a long one takes long to break.
    var details: (id: String, columns: Int, lines: [RecordDetails.Line]) = ("", 0, [])
    /// How many rows the list had when it was last drawn, and how wide it was.
    var listRows = 1
    var columns = 80

    /// The last effect's number; what answers an earlier one is dropped.
    private var number = 0
    /// The number that a page is awaited for, or `nil`.
    private(set) var awaited: Int?
    private var awaitedCursors = [""]
    private var awaitedArrivals: Int?
    private var awaitedTrace: Int?
    private var ticksToRetry = 0
    private var isChoosingLast = false

    /// Starts with a search; ``start()`` asks for it.
    ///
    /// - Parameters:
    ///   - query: The search.
    ///   - follows: Whether to follow what arrives from the beginning.
    public init(query: String = "", follows: Bool = false) {
        self.query = query
        following = follows ? .live : .off
        editor = LineEditor(query)
        editor.remember(query)
    }

    /// What to do first.
    public mutating func start() -> [Effect] { search([""]) }

    /// The records that are shown.
    var records: [LogLine] { page?.records ?? [] }

    /// Whether a counting step gave a table.
    var isTable: Bool { !(page?.table.isEmpty ?? true) }

    /// How many rows can be chosen.
    var count: Int { isTable ? max(0, (page?.table.count ?? 0) - 1) : records.count }

    // MARK: Answers

    /// Takes what came of an effect.
    public mutating func take(_ answer: Answer) -> [Effect] {
        switch answer {
        case .page(let number, let page):
            guard number == awaited else { return [] }
            awaited = nil
            show(page)
        case .arrivals(let number, let page):
            guard number == awaitedArrivals else { return [] }
            awaitedArrivals = nil
            return takeArrivals(page)
        case .arrivalCount(let number, let page):
            guard number == awaitedArrivals else { return [] }
            awaitedArrivals = nil
            problem = nil
            if case .paused = following { following = .paused(waiting: page.matched) }
        case .trace(let number, let lines):
            guard number == awaitedTrace else { return [] }
            awaitedTrace = nil
            message = ""
            if view != .trace { scrolled = 0 }
            (view, traceLines) = (.trace, lines)
        case .saved(let file): message = "appended to \(file)"
        case .notSaved(let why): message = why
        case .failed(let number, let problem): fail(number, problem)
        }
        return []
    }

    private mutating func show(_ page: LogPage) {
        let before = self.page
        self.page = page
        cursors = awaitedCursors
        if cursors.count > 1, let before { self.page?.takeTotals(of: before) }
        problem = nil
        message = ""
        (chosen, top) = (0, 0)
        if isChoosingLast { chosen = max(0, count - 1) }
        isChoosingLast = false
        if isTable { following = .off }
        if following != .off { following = cursors.count == 1 ? .live : .paused(waiting: 0) }
    }

    private mutating func takeArrivals(_ arrived: LogPage) -> [Effect] {
        problem = nil
        guard var page, following == .live else { return [] }
        // More than one answer holds: the newest page has them without a gap.
        guard arrived.cursor.isEmpty else { return search([""]) }
        page.nextSequence = arrived.nextSequence
        page.take(arrived.records, keeping: Self.recordsMax)
        self.page = page
        return []
    }

    private mutating func fail(_ number: Int, _ problem: LogProblem) {
        switch number {
        case awaited:
            awaited = nil
            self.problem = problem
            isChoosingLast = false
            if problem.isOfQuery {
                isEditing = true
                view = .list
            }
        case awaitedArrivals:
            awaitedArrivals = nil
            self.problem = problem
        case awaitedTrace:
            awaitedTrace = nil
            message = problem.message + (problem.isTemporary ? "" : "; its records: / trace:ID")
        default: return
        }
        if problem.isTemporary { ticksToRetry = Self.retryTicks }
    }

    // MARK: Time

    /// Half a second has passed.
    public mutating func tick() -> [Effect] {
        if let problem, problem.isTemporary {
            ticksToRetry -= 1
            guard ticksToRetry <= 0, awaited == nil, awaitedArrivals == nil else { return [] }
            return page == nil || following == .off ? search(awaitedCursors) : poll()
        }
        guard following != .off, awaited == nil, awaitedArrivals == nil else { return [] }
        return poll()
    }

    private mutating func poll() -> [Effect] {
        guard let page, problem?.isOfQuery != true else { return [] }
        number += 1
        awaitedArrivals = number
        return switch following {
        case .off: []
        case .live: [.arrivals(number: number, query: query, from: page.nextSequence)]
        case .paused: [.arrivalCount(number: number, query: query, from: page.nextSequence)]
        }
    }

    // MARK: Asking

    /// Asks for the page that the last of some cursors leads to.
    mutating func search(_ cursors: [String]) -> [Effect] {
        number += 1
        awaited = number
        awaitedArrivals = nil
        awaitedCursors = cursors
        return [.search(number: number, query: query, cursor: cursors.last ?? "")]
    }

    /// Asks for the search that was typed.
    mutating func searchTyped() -> [Effect] {
        query = editor.text
        page = nil
        problem = nil
        (chosen, top) = (0, 0)
        return search([""])
    }

    mutating func olderPage() -> [Effect] {
        guard let page, !page.cursor.isEmpty, awaited == nil else {
            if awaited == nil { message = "there is nothing older" }
            return []
        }
        if case .live = following { following = .paused(waiting: 0) }
        return search(cursors + [page.cursor])
    }

    mutating func newerPage(choosingLast: Bool = false) -> [Effect] {
        guard cursors.count > 1, awaited == nil else {
            if awaited == nil { message = "this is the newest page" }
            return []
        }
        isChoosingLast = choosingLast
        return search(Array(cursors.dropLast()))
    }

    mutating func follow() -> [Effect] {
        guard !isTable else {
            message = "counts cannot be followed: leave out what is behind the |"
            return []
        }
        if following == .live {
            following = .off
            return []
        }
        following = .live
        return search([""])
    }

    /// The pointer moved: what is read does not move under it.
    mutating func pauseOrGoOn() -> [Effect] {
        switch following {
        case .live where chosen > 0 || view != .list: following = .paused(waiting: 0)
        case .paused where chosen == 0 && view == .list && cursors.count == 1:
            following = .live
            return search([""])
        default: break
        }
        return []
    }

    mutating func showTrace() -> [Effect] {
        guard !isTable, records.indices.contains(chosen) else { return [] }
        guard !records[chosen].trace.isEmpty else {
            message = "this record belongs to no trace"
            return []
        }
        traceID = records[chosen].trace
        message = "reading the trace"
        return askForTrace()
    }

    mutating func askForTrace() -> [Effect] {
        number += 1
        awaitedTrace = number
        return [.trace(number: number, id: traceID, columns: columns)]
    }

    mutating func save(to file: String) -> [Effect] {
        guard records.indices.contains(chosen), !file.isEmpty else { return [] }
        return [.save(line: "\(records[chosen].json)\n", file: file)]
    }
}
