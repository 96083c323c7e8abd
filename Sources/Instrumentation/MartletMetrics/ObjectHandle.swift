public import Synchronization

// Safety: the object whose address is kept was retained when the address was stored, and is never released: a global
// handle may be used at any time.

/// Where a handle keeps the object that its series is in, found at the first use.
@safe @usableFromInline
struct ObjectPlace<Object: AnyObject>: ~Copyable, @unchecked Sendable {
    @usableFromInline let address: Atomic<UInt>

    @inlinable @inline(__always)
    init() {
        address = Atomic(0)
    }

    @inlinable @inline(__always)
    var object: Object? {
        guard let pointer = unsafe UnsafeRawPointer(bitPattern: address.load(ordering: .acquiring)) else { return nil }
        return unsafe Unmanaged<Object>.fromOpaque(pointer).takeUnretainedValue()
    }

    /// Keeps the object of an instrument without labels.
    func keep(_ instrument: Instrument) -> Object {
        guard let object = instrument.object(at: instrument.onlyCell) as? Object else {
            fatalError("\(instrument.descriptor.name) keeps its series otherwise")
        }
        let pointer = unsafe Unmanaged.passRetained(object).toOpaque()
        address.store(UInt(bitPattern: pointer), ordering: .releasing)
        return object
    }
}
