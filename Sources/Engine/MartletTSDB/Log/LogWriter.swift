import MartletFiles

/// The writing end of the log of samples.
typealias LogWriter = RecordLog<LogCodec, ByteWriter>
