/// A family that was found: what ``LabeledFamily/resolved`` gives, for tasks and closures to keep.
public struct ResolvedFamily<Metric: LabeledMetric>: Sendable {
    @usableFromInline let reference: FamilyReference

    @inlinable @inline(__always)
    init(_ reference: FamilyReference) {
        self.reference = reference
    }

    /// The series of a family with one label.
    ///
    /// - Precondition: The family has one label.
    @inlinable @inline(__always)
    public subscript(first: String) -> Metric {
        let a = FamilyReference.words(first)
        if _fastPath(a.1 >> 63 == 1) {
            return Metric(_cell: reference.cell(a), of: reference)
        }
        return Metric(_cell: reference.slowCell(first), of: reference)
    }

    /// The series of a family with two labels, whose values come in the order of the declaration.
    ///
    /// - Precondition: The family has two labels.
    @inlinable @inline(__always)
    public subscript(first: String, second: String) -> Metric {
        let a = FamilyReference.words(first)
        let b = FamilyReference.words(second)
        if _fastPath((a.1 & b.1) >> 63 == 1) {
            return Metric(_cell: reference.cell(a, b), of: reference)
        }
        return Metric(_cell: reference.slowCell(first, second), of: reference)
    }

    /// The series of a family with three labels, whose values come in the order of the declaration.
    ///
    /// - Precondition: The family has three labels.
    @inlinable @inline(__always)
    public subscript(first: String, second: String, third: String) -> Metric {
        let a = FamilyReference.words(first)
        let b = FamilyReference.words(second)
        let c = FamilyReference.words(third)
        if _fastPath((a.1 & b.1 & c.1) >> 63 == 1) {
            return Metric(_cell: reference.cell(a, b, c), of: reference)
        }
        return Metric(_cell: reference.slowCell(first, second, third), of: reference)
    }

    /// The series of a family with one label, by texts that are part of the program: these cost no reference counts, even
    /// where they come from an array.
    ///
    /// - Precondition: The family has one label.
    @_disfavoredOverload @inlinable @inline(__always)
    public subscript(first: StaticString) -> Metric {
        let family = reference
        return Metric(_cell: family.cell(FamilyReference.words(first)), of: family)
    }

    /// The series of a family with two labels, by texts that are part of the program: these cost no reference counts, even
    /// where they come from an array.
    ///
    /// - Precondition: The family has two labels.
    @_disfavoredOverload @inlinable @inline(__always)
    public subscript(first: StaticString, second: StaticString) -> Metric {
        let family = reference
        return Metric(_cell: family.cell(FamilyReference.words(first), FamilyReference.words(second)), of: family)
    }

    /// The series of a family with three labels, by texts that are part of the program: these cost no reference counts, even
    /// where they come from an array.
    ///
    /// - Precondition: The family has three labels.
    @_disfavoredOverload @inlinable @inline(__always)
    public subscript(first: StaticString, second: StaticString, third: StaticString) -> Metric {
        let family = reference
        let (a, b, c) = (
            FamilyReference.words(first), FamilyReference.words(second), FamilyReference.words(third)
        )
        return Metric(_cell: family.cell(a, b, c), of: family)
    }

    /// The series of those label values, in the order of the declaration; for any number of labels.
    ///
    /// - Precondition: There are as many values as labels.
    public subscript(labels values: [String]) -> Metric {
        Metric(_cell: reference.instrument.cell(for: values), of: reference)
    }

    /// Takes the series of those label values away; it comes back, from 0, when it is looked up again.
    ///
    /// What was kept from an earlier look-up counts nothing that is shown any more. From the first removal on, look-ups
    /// in this family take a lock.
    ///
    /// - Parameter values: The values, in the order of the declaration.
    /// - Returns: Whether there was such a series.
    @discardableResult
    public func remove(_ values: String...) -> Bool {
        reference.instrument.remove(values)
    }

    /// Takes the series of those label values away; see ``remove(_:)``.
    @discardableResult
    public func remove(labels values: [String]) -> Bool {
        reference.instrument.remove(values)
    }

    /// How many series there are.
    public var count: Int { reference.instrument.seriesCount }
}
