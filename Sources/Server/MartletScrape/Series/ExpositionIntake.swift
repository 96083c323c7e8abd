import MartletConfiguration
import MartletCore
import MartletExposition
import MartletMetrics
import MartletSeries

/// Turns the expositions of one target into samples, and knows which series ended since the one before.
///
/// ``read(_:format:at:)`` only looks; then exactly one of ``commit()`` and ``rollBack()`` decides.
struct ExpositionIntake {
    /// What one exposition gave.
    struct Reading {
        /// The samples after relabelling.
        var samples: [IncomingSample] = []
        /// What series were worth when their counting began; the exposition does not hold them.
        var zeros: [IncomingSample] = []
        /// How many samples the exposition holds.
        var scraped = 0
        /// How many of them relabelling dropped.
        var dropped = 0
        /// How many series were not there at the last scrape.
        var added = 0
        /// Why the exposition is not taken; the counts go up to that place.
        var failure: ScrapeFailure?
    }

    private let targetLabels: LabelSet
    private let configuration: ScrapeConfiguration
    private let extras: ScrapeExtras
    private var cache = SeriesCache()
    private var scrape: UInt64 = 0

    /// Whether something was read that is neither taken nor forgotten.
    private var isOpen = false

    /// The live series of a loop that this one follows, until the first exposition tells which of them go on.
    private var inherited: Set<LabelSet>

    private var metadataOfScrape: [String: MetricMetadata] = [:]

    /// What the last exposition that was taken says of its families.
    private(set) var metadata: [String: MetricMetadata] = [:]

    init(
        targetLabels: LabelSet,
        configuration: ScrapeConfiguration,
        extras: ScrapeExtras = ScrapeExtras(),
        inheriting inherited: Set<LabelSet> = []
    ) {
        self.targetLabels = targetLabels
        self.configuration = configuration
        self.extras = extras
        self.inherited = inherited
    }

    /// How many series are remembered.
    var knownSeries: Int { cache.count }

    /// Reads an exposition up to its end or to what fails it.
    mutating func read(_ bytes: [UInt8], format: ExpositionFormat, at timestamp: Int64) -> Reading {
        scrape += 1
        isOpen = true
        cache.rewind()
        metadataOfScrape = [:]
        var reading = Reading()
        reading.samples.reserveCapacity(cache.count + 8)
        // In OpenMetrics' lines the time when counting began comes behind the samples that it is told of.
        if format == .protobuf || extras.storesZeros && format == .openMetrics {
            do {
                try readFamilies(bytes, format, at: timestamp, into: &reading)
            } catch {
                reading.failure = error
            }
            return reading
        }
        var parser = ExpositionParser(bytes, format: format, limits: parseLimits)
        do {
            while let entry = try next(&parser) {
                switch entry {
                case .metadata(let family, let line): note(family, line)
                case .sample(let sample):
                    let scraped = ScrapedSample(
                        place: .line(sample.line),
                        value: sample.value,
                        timestamp: sample.timestamp
                    )
                    try take(scraped, named: parser.bytes, sample.series, at: timestamp, into: &reading) {
                        parser.labels(of: sample)
                    }
                }
            }
        } catch {
            reading.failure = error
        }
        return reading
    }

    /// Takes what was read last, and gives the series that ended.
    mutating func commit() -> [LabelSet] {
        isOpen = false
        var ended = inherited
        inherited = []
        for (place, entry) in cache.entries.enumerated() where !entry.text.isEmpty {
            if entry.lastSeen == scrape {
                let isLive = entry.labels != nil && !entry.hasOwnTimestamp
                if entry.isLive != isLive { cache.update(place) { $0.isLive = isLive } }
            } else {
                if entry.isLive, let labels = entry.labels { ended.insert(labels) }
                cache.remove(place)
            }
        }
        metadata = metadataOfScrape
        return stillAbsent(ended)
    }

    /// Forgets what was read last, and gives the series that end because the target gave nothing.
    ///
    /// Nothing needs to have been read, as when the target did not answer.
    mutating func rollBack() -> [LabelSet] {
        forget()
        return endAll()
    }

    /// Forgets what was read last and keeps all else as it was, for a store that took nothing.
    mutating func forget() {
        guard isOpen else { return }
        isOpen = false
        for (place, entry) in cache.entries.enumerated() where !entry.text.isEmpty && entry.firstSeen == scrape {
            cache.remove(place)
        }
    }

    /// Gives all series that have not ended, and takes them as ended.
    mutating func endAll() -> [LabelSet] {
        var ended = inherited
        inherited = []
        for (place, entry) in cache.entries.enumerated() where entry.isLive {
            if let labels = entry.labels { ended.insert(labels) }
            cache.update(place) { $0.isLive = false }
        }
        return ended.sorted()
    }

    // MARK: Reading

    private var parseLimits: ParseLimits {
        var limits = ParseLimits()
        let own = configuration.limits
        // A job's own limits take the place of the parser's, which are there for those that set none.
        if own.labels > 0 { limits.labelsMax = max(limits.labelsMax, own.labels) }
        if own.labelNameBytes > 0 { limits.nameBytesMax = max(limits.nameBytesMax, own.labelNameBytes) }
        if own.labelValueBytes > 0 { limits.valueBytesMax = max(limits.valueBytesMax, own.labelValueBytes) }
        return limits
    }

    private func next(_ parser: inout ExpositionParser) throws(ScrapeFailure) -> ExpositionEntry? {
        do {
            return try parser.next()
        } catch {
            throw ScrapeFailure(.malformed, "malformed exposition: \(error)")
        }
    }

    /// Reads an exposition family by family; what is remembered of a series is its text in PromQL.
    private mutating func readFamilies(
        _ bytes: [UInt8],
        _ format: ExpositionFormat,
        at timestamp: Int64,
        into reading: inout Reading
    ) throws(ScrapeFailure) {
        let families: [MetricFamily]
        do {
            families = try ExpositionReader(format, limits: parseLimits).read(bytes)
        } catch {
            throw ScrapeFailure(.malformed, "malformed exposition: \(error)")
        }
        for family in families {
            metadataOfScrape[family.name] = family.metadata
            try FamilySamples(family: family).forEach { labels, sample throws(ScrapeFailure) in
                let name = Array(labels.description.utf8)
                try take(sample, named: name, name.indices, at: timestamp, into: &reading) { labels }
            }
        }
    }

    private mutating func take(
        _ sample: ScrapedSample,
        named bytes: [UInt8],
        _ series: Range<Int>,
        at timestamp: Int64,
        into reading: inout Reading,
        exposed: () -> LabelSet
    ) throws(ScrapeFailure) {
        reading.scraped += 1
        let place: Int
        if let known = cache.find(bytes, series) {
            place = known
        } else {
            let labels = try labels(of: exposed(), at: sample.place)
            place = cache.insert(bytes, series, labels: labels, scrape: scrape)
            if labels != nil { reading.added += 1 }
        }
        guard let labels = cache.entries[place].labels else {
            cache.update(place) { $0.lastSeen = scrape }
            reading.dropped += 1
            return
        }
        let own = configuration.honorsTimestamps ? sample.timestamp : nil
        addZero(of: sample, place, labels, before: own ?? timestamp, to: &reading)
        cache.update(place) { entry in
            entry.lastSeen = scrape
            entry.hasOwnTimestamp = own != nil && !configuration.tracksTimestampStaleness
        }
        reading.samples.append(
            IncomingSample(
                labels: labels,
                timestamp: own ?? timestamp,
                value: sample.value,
                histogram: sample.histogram
            )
        )
        let limit = configuration.limits.samples
        if limit > 0, reading.samples.count > limit {
            throw ScrapeFailure(.sampleLimit, "\(sample.place): sample_limit of \(limit) is exceeded")
        }
    }

    /// Adds what a series was worth when its counting began, once.
    private mutating func addZero(
        of sample: ScrapedSample,
        _ place: Int,
        _ labels: LabelSet,
        before timestamp: Int64,
        to reading: inout Reading
    ) {
        guard extras.storesZeros, let created = sample.created, created != cache.entries[place].created else { return }
        cache.update(place) { $0.created = created }
        guard created > 0, created < timestamp, timestamp - created <= Int64(extras.zeroAgeMax / .milliseconds(1))
        else { return }
        let empty = sample.histogram.map { histogram in
            NativeHistogram(
                resetHint: histogram.resetHint,
                schema: histogram.schema,
                zeroThreshold: histogram.zeroThreshold,
                zeroCount: 0,
                count: 0,
                sum: 0
            )
        }
        reading.zeros.append(IncomingSample(labels: labels, timestamp: created, value: 0, histogram: empty))
    }

    /// The labels in the store of a series that is new, or `nil` where relabelling drops it.
    private func labels(of exposed: LabelSet, at place: ScrapedSample.Place) throws(ScrapeFailure) -> LabelSet? {
        let exposed = extras.addsTypeAndUnit ? extras.adding(metadata(of: exposed), to: exposed) : exposed
        let merged = LabelMerge.merge(exposed, with: targetLabels, honorsLabels: configuration.honorsLabels)
        guard let labels = Relabelling.apply(configuration.metricRelabelRules, to: merged), !labels.isEmpty else {
            return nil
        }
        guard labels.metricName != nil else {
            throw ScrapeFailure(
                .missingName,
                "\(place): metric_relabel_configs leave a series without a name"
            )
        }
        try check(labels, at: place)
        return labels
    }

    /// What the exposition said so far of the family that a series belongs to.
    private func metadata(of labels: LabelSet) -> MetricMetadata? {
        let name = labels.metricName ?? ""
        if let own = metadataOfScrape[name] { return own }
        for suffix in ["_total", "_bucket", "_count", "_sum", "_created", "_info", "_gcount", "_gsum"]
        where name.hasSuffix(suffix) {
            if let family = metadataOfScrape[String(name.dropLast(suffix.utf8.count))] { return family }
        }
        return nil
    }

    private func check(_ labels: LabelSet, at place: ScrapedSample.Place) throws(ScrapeFailure) {
        let limits = configuration.limits
        let name = labels.metricName ?? ""
        if limits.labels > 0, labels.count > limits.labels {
            throw ScrapeFailure(
                .labelLimit,
                "\(place): label_limit of \(limits.labels) is exceeded by \(name), which has \(labels.count) labels"
            )
        }
        guard limits.labelNameBytes > 0 || limits.labelValueBytes > 0 else { return }
        for label in labels {
            if limits.labelNameBytes > 0, label.name.utf8.count > limits.labelNameBytes {
                throw ScrapeFailure(
                    .labelLimit,
                    "\(place): label_name_length_limit of \(limits.labelNameBytes) is exceeded by label \(label.name.prefix(80)) of \(name)"
                )
            }
            if limits.labelValueBytes > 0, label.value.utf8.count > limits.labelValueBytes {
                throw ScrapeFailure(
                    .labelLimit,
                    "\(place): label_value_length_limit of \(limits.labelValueBytes) is exceeded by label \(label.name) of \(name)"
                )
            }
        }
    }

    private mutating func note(_ family: String, _ line: MetadataLine) {
        switch line {
        case .type(let type): metadataOfScrape[family, default: MetricMetadata(type: .unknown)].type = type
        case .help(let help): metadataOfScrape[family, default: MetricMetadata(type: .unknown)].help = help
        case .unit(let unit): metadataOfScrape[family, default: MetricMetadata(type: .unknown)].unit = unit
        }
    }

    /// Those of the ended series that no other text of the exposition stands for.
    private func stillAbsent(_ ended: Set<LabelSet>) -> [LabelSet] {
        guard !ended.isEmpty else { return [] }
        var absent = ended
        for entry in cache.entries {
            if let labels = entry.labels { absent.remove(labels) }
        }
        return absent.sorted()
    }
}
