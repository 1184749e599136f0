package national

import (
	"testing"

	"github.com/ecluse-sante/ecluse/internal/comptable"
	"github.com/ecluse-sante/ecluse/sante"
)

// What is handed over adds up as the titre does.
func TestCreanceDe(t *testing.T) {
	titre := &comptable.Titre{Cle: comptable.CleTitre{Exercice: 2026, Numero: 7}, Montant: 1000, Reduit: 100, Paye: 200, Perdu: 50, Reste: 650, Emis: 5, Accuse: 6, Echeance: 18}
	c := CreanceDe(sante.FINESS{}, "Mutuelle fictive", titre)
	if c.Reste != c.Montant-c.Reduit-c.Paye || c.Titre != 7 || c.Echeance != 18 || c.Libelle != "Mutuelle fictive" {
		t.Errorf("%+v", c)
	}
}
