package vigietest_test

import (
	"testing"

	"github.com/ecluse-sante/ecluse/internal/vigie"
	"github.com/ecluse-sante/ecluse/internal/vigie/vigietest"
)

func TestMemoire(t *testing.T) {
	vigietest.Suite(t, func(*testing.T) vigie.Compteurs { return vigietest.NewCompteurs() })
}
