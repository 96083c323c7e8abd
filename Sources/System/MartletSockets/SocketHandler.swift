/// Is told what arrives at a ``SocketListener``, on its one thread.
///
/// While a call does not return nothing more is read, so that senders over TCP are slowed down and datagrams wait in the system's
/// buffer, which drops what it cannot hold.
public protocol SocketHandler: AnyObject, Sendable {
    /// Bytes arrived: a piece of a connection's stream, or one whole datagram, whose connection is 0.
    func received(_ bytes: ArraySlice<UInt8>, connection: Int, peer: String)

    /// A connection ended.
    func closed(connection: Int)

    /// All that had arrived was handed over; also called at least once a second.
    func roundEnded()
}
