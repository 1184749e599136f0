package annuaireamctest

import "testing"

func TestMemoire(t *testing.T) { Depot(t, new(Memoire), new(Memoire)) }
