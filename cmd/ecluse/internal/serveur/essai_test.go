package serveur

import "testing"

func lireOuEchouer[T any](t testing.TB, lire func(string) (T, error), s string) T {
	t.Helper()
	x, err := lire(s)
	if err != nil {
		t.Fatalf("%s : %v", s, err)
	}
	return x
}
