/// Bounds of everything that could grow; reaching one is reported, never silent.
package enum Limits {
    package static let pagesPerPollMax = 10_000
    package static let operationsPerPollMax = 1_000_000
    package static let nameBytesMax = 1_024
    package static let pageSizeMin = 10
    package static let pageSizeMax = 10_000
    package static let connectTimeout = Duration.seconds(5)
    package static let requestTimeout = Duration.seconds(30)
    /// A program that prints a token has two minutes, what is asked after it seconds.
    package static let tokenTimeout = Duration.seconds(180)
    /// A GET older than this cannot carry a cancel.
    package static let freshnessMax = Duration.seconds(5)
    /// From the answered GET to the POST leaving.
    package static let permitLifetime = Duration.seconds(5)
    /// How far the server's `Date` may be from the local clock.
    package static let clockDifferenceMax = Duration.seconds(300)
}
