import MartletCore

/// What a family was declared with; plain constants, so that a global family needs no code to be initialised.
public struct FamilyDeclaration: Sendable {
    @usableFromInline let name: String
    @usableFromInline let kind: MetricKind
    @usableFromInline let help: String
    @usableFromInline let unit: MetricUnit
    @usableFromInline let first: String
    @usableFromInline let second: String
    @usableFromInline let third: String
    @usableFromInline let fourth: String
    @usableFromInline let buckets: HistogramBuckets
    /// 0: as many as the registry says.
    @usableFromInline let seriesLimit: Int
    @usableFromInline let expiry: Duration?
    @usableFromInline let registry: MetricRegistry?
    @usableFromInline let file: StaticString
    @usableFromInline let line: UInt

    @inlinable @inline(__always)
    init(
        _ name: String,
        _ kind: MetricKind,
        help: String,
        unit: MetricUnit,
        _ labels: (String, String, String, String),
        buckets: HistogramBuckets,
        seriesLimit: Int,
        expiry: Duration?,
        registry: MetricRegistry?,
        file: StaticString,
        line: UInt
    ) {
        self.name = name
        self.kind = kind
        self.help = help
        self.unit = unit
        (first, second, third, fourth) = labels
        self.buckets = buckets
        self.seriesLimit = seriesLimit
        self.expiry = expiry
        self.registry = registry
        self.file = file
        self.line = line
    }

    /// The declaration of a family that is registered already; nothing reads it.
    init(_ descriptor: MetricDescriptor) {
        self.init(
            descriptor.name,
            descriptor.kind,
            help: descriptor.help,
            unit: MetricUnit(rawValue: descriptor.unit),
            ("", "", "", ""),
            buckets: .standard,
            seriesLimit: 0,
            expiry: nil,
            registry: nil,
            file: "",
            line: 0
        )
    }

    var labelNames: [String] { [first, second, third, fourth].filter { !$0.isEmpty } }

    var descriptor: MetricDescriptor {
        MetricDescriptor(
            name: kind == .timer ? Timer.exportedName(name) : name,
            kind: kind,
            help: help,
            unit: unit.rawValue,
            labelNames: labelNames,
            buckets: buckets,
            seriesLimit: seriesLimit == 0 ? nil : seriesLimit,
            expiry: expiry,
            site: DeclarationSite(file: "\(file)", line: line)
        )
    }

    /// What makes the series of a kind that is kept in objects.
    var makeObject: SeriesMaker? {
        guard kind == .summary else { return nil }
        return { SummaryWindow(.standard, $0) }
    }

    /// The same as a family by enumerations, whose label values all stand in it.
    func descriptor(of values: [[String]]?) -> MetricDescriptor {
        var descriptor = descriptor
        descriptor.details =
            values?.map { $0.joined(separator: ",") }.joined(separator: "\n") ?? "cases that can't be numbered"
        return descriptor
    }
}

extension FamilyReference {
    /// The cell of a child of a family by enumerations.
    @inlinable @inline(__always)
    func cell(at index: Int) -> UInt32 {
        unsafe core.pointee.firstCell &+ UInt32(truncatingIfNeeded: index) &* core.pointee.stride
    }

    /// The cell of a child of a family by two enumerations.
    @inlinable @inline(__always)
    func cell(at first: Int, _ second: Int) -> UInt32 {
        cell(at: unsafe first &* core.pointee.width &+ second)
    }
}

extension Instrument {
    /// What look-ups by enumerations need; creates all children at the first call.
    func typedCore(_ values: [[String]]?, width: Int) throws(MetricRegistryError) -> UnsafePointer<FamilyCore> {
        guard let values else {
            throw .invalidSetting(
                metric: descriptor.name,
                reason:
                    "the cases of a label carry something or are listed in another order; write labelText and plain cases"
            )
        }
        if seriesCount > 0 { return unsafe core }
        guard let first = addAll(values) else {
            throw .invalidSetting(
                metric: descriptor.name,
                reason:
                    "its labels have \(values.count) combinations, more than there may be series; use texts as labels"
            )
        }
        return unsafe core(firstCell: first, width: width)
    }
}

extension MetricRegistry {
    /// What a handle by enumerations gets: something that counts nothing where the family can't be registered.
    func typedCore(_ descriptor: MetricDescriptor, _ values: [[String]]?, width: Int) -> UnsafePointer<FamilyCore> {
        do throws(MetricRegistryError) {
            return unsafe try find(descriptor).typedCore(values, width: width)
        } catch {
            return unsafe instrument(descriptor, problem: error).core
        }
    }
}
