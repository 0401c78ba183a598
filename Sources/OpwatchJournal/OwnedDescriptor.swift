internal import Glibc

/// A file descriptor that is closed when its owner goes.
struct OwnedDescriptor: ~Copyable, Sendable {
    let number: Int32

    init(adopting number: Int32) {
        self.number = number
    }

    deinit {
        // What had to be durable was synced before; an error here tells nothing more.
        _ = close(number)
    }
}
