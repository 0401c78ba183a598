package import WireFormat

/// The operation as a GET of a moment ago shows it.
package struct FreshFetch: Sendable {
    package var sighting: Sighting
    /// The same decider's word on it.
    package var decision: Decision
    /// From the moment the GET was sent until now.
    package var age: Duration
    /// What the journal holds of its creation; nil where the API tells none.
    package var knownCreation: Timestamp?

    package init(
        sighting: Sighting, decision: Decision, age: Duration, knownCreation: Timestamp?
    ) {
        self.sighting = sighting
        self.decision = decision
        self.age = age
        self.knownCreation = knownCreation
    }
}
