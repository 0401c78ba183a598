/// A file descriptor that is closed when its owner goes.
struct OwnedDescriptor: ~Copyable, Sendable {
    let number: Int32
    private let close: @Sendable (Int32) -> Void

    init(adopting number: Int32, of disk: Disk) {
        self.number = number
        close = disk.close
    }

    deinit {
        close(number)
    }
}
