public import CMartletCells

/// A kind of metric that has one series for each combination of label values.
public protocol LabeledMetric: Sendable {
    /// The series whose cells were found; only the library calls it.
    init(_cell cell: UInt32, of family: LabeledFamily<Self>)
}

/// A metric with labels: one series for each combination of their values.
///
/// ```swift
/// let requests = Counter.Family("http_requests_total", help: "Requests served.", labels: "method", "code")
/// requests["get", "200"].increment()
/// ```
///
/// Looking a series up takes no lock once it exists; where the values are known beforehand, keep what the subscript
/// gives. A family has at most as many series as its registry allows (10,000 unless said otherwise): values beyond that,
/// or longer than 4 KiB, are counted together in a series whose labels all say `other`, and each such look-up in
/// `martlet_series_dropped_total`.
public struct LabeledFamily<Metric: LabeledMetric>: Sendable {
    @usableFromInline let instrument: Instrument

    init(_ instrument: Instrument) {
        self.instrument = instrument
    }

    /// The series of a family with one label.
    ///
    /// - Precondition: The family has one label.
    @inlinable
    public subscript(first: String) -> Metric {
        guard let table = unsafe instrument.table, instrument.labelCount == 1 else { return series([first]) }
        var text = first
        let cell = text.withUTF8 { unsafe martlet_label_table_find1(table, $0.baseAddress, $0.count) }
        return cell != 0 ? Metric(_cell: cell, of: self) : series([first])
    }

    /// The series of a family with two labels, whose values come in the order of the declaration.
    ///
    /// - Precondition: The family has two labels.
    @inlinable
    public subscript(first: String, second: String) -> Metric {
        guard let table = unsafe instrument.table, instrument.labelCount == 2 else { return series([first, second]) }
        var one = first
        var two = second
        let cell = one.withUTF8 { one in
            two.withUTF8 { two in
                unsafe martlet_label_table_find2(table, one.baseAddress, one.count, two.baseAddress, two.count)
            }
        }
        return cell != 0 ? Metric(_cell: cell, of: self) : series([first, second])
    }

    /// The series of a family with three labels, whose values come in the order of the declaration.
    ///
    /// - Precondition: The family has three labels.
    @inlinable
    public subscript(first: String, second: String, third: String) -> Metric {
        guard let table = unsafe instrument.table, instrument.labelCount == 3 else {
            return series([first, second, third])
        }
        var one = first
        var two = second
        var three = third
        let cell = one.withUTF8 { one in
            two.withUTF8 { two in
                three.withUTF8 { three in
                    unsafe martlet_label_table_find3(
                        table,
                        one.baseAddress,
                        one.count,
                        two.baseAddress,
                        two.count,
                        three.baseAddress,
                        three.count
                    )
                }
            }
        }
        return cell != 0 ? Metric(_cell: cell, of: self) : series([first, second, third])
    }

    /// The series of those label values, in the order of the declaration; for any number of labels.
    ///
    /// - Precondition: There are as many values as labels.
    public subscript(labels values: [String]) -> Metric {
        series(values)
    }

    @usableFromInline @inline(never)
    func series(_ values: [String]) -> Metric {
        Metric(_cell: instrument.cell(for: values), of: self)
    }
}
