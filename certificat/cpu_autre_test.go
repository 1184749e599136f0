//go:build !linux

package certificat_test

import "testing"

func cpu(_ *testing.B, boucle func()) { boucle() }
