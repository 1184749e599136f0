package main

import (
	"bytes"
	"context"
)

// lancer runs a command of this program, and gives what it writes.
func lancer(args ...string) (string, error) {
	r := racine()
	var b bytes.Buffer
	r.Writer = &b
	err := r.Run(context.Background(), append([]string{"ecluse"}, args...))
	return b.String(), err
}
