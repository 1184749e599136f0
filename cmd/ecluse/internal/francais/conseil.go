package francais

import "fmt"

// Accorder writes a number and what it counts, in the singular below two.
func Accorder[N int | int64](n N, un, plusieurs string) string {
	if n < 2 {
		return fmt.Sprintf("%d %s", n, un)
	}
	return fmt.Sprintf("%d %s", n, plusieurs)
}

// conseil is an error and what to do next.
type conseil struct {
	error
	suite string
}

// Unwrap is the error.
func (c conseil) Unwrap() error { return c.error }

// Conseiller adds to an error what to do next; nil stays nil.
func Conseiller(err error, format string, a ...any) error {
	if err == nil {
		return nil
	}
	return conseil{err, fmt.Sprintf(format, a...)}
}
