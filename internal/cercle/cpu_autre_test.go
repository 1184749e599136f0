//go:build !linux

package cercle_test

import "testing"

func cpu(_ *testing.B, boucle func()) { boucle() }
