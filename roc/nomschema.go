package roc

// NomSchema keeps the extent of a guarantee apart, in the schemas, from the
// guarantees of a contract.
func (Garantie) NomSchema() string { return "EtendueGarantie" }
