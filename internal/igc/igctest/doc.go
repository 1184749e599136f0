// Package igctest makes certificates for tests and laboratories: a small
// hierarchy ready to use ([Nouvelle], [Magasin]), every good and bad certificate
// of the catalogue on demand ([Variantes]), and the suite that every registry
// passes ([Registre]).
package igctest
