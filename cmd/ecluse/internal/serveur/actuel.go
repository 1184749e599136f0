package serveur

import "sync/atomic"

// actuel holds a value that changes while the process runs.
type actuel[T any] struct{ v atomic.Pointer[T] }

func (a *actuel[T]) poser(v T) { a.v.Store(&v) }
func (a *actuel[T]) lire() T   { return *a.v.Load() }
