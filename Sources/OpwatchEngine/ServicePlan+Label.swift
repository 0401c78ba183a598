import OpwatchCore

extension ServicePlan {
    /// An operation of the service as reports name it.
    func label(_ operation: OperationIdentity) -> OperationLabel {
        OperationLabel(service: service.name, operation: operation.name)
    }
}
