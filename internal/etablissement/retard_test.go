package etablissement

import (
	"strings"
	"testing"

	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sante"
)

// Who acts on a late payment, and how, after where the invoice stands and how late it
// is. ref: DEC 30
func TestConsigneRetard(t *testing.T) {
	tenue := sante.JourDe(2026, 5, 4)
	de := func(p Poste, jours int, autre func(*retard)) retard {
		r := retard{facture: "FA-1", lot: "000000001", poste: p, reste: 795, tenue: tenue, jour: tenue + sante.Jour(12+jours), delai: 12}
		if autre != nil {
			autre(&r)
		}
		return r
	}
	for _, c := range []struct {
		nom            string
		r              retard
		qui, dit, fait string // empty: nothing is late
	}{
		{"le jour promis", de(PosteAccuse, 0, nil), "", "", ""},
		{"pas encore reçue", de(PosteFacture, 20, nil), "", "", ""},
		{"payée", de(PostePaye, 20, nil), "", "", ""},
		{"jour inconnu", de(PosteAccuse, 20, func(r *retard) { r.tenue = 0 }), "", "", ""},
		{"reçue", de(PosteAccuse, 1, nil), facturation, "retard de 1 jour : facture FA-1, lot 000000001, reçue par l'AMC le 04/05/2026, promise le 16/05/2026, 7,95", "Ne pas la renvoyer"},
		{"remise par fichier", de(PosteRemis, 2, nil), facturation, "2 jours : facture FA-1, lot 000000001, remise par fichier le", "« ecluse fichiers ecrire --lot »"},
		{"payée en partie", de(PosteReste, 3, func(r *retard) { r.virement, r.code = "VIR-1", roc.PiecesManquantes }), facturation, "par le virement VIR-1", "(F605) : Joindre les pièces"},
		{"à recouvrer", de(PosteAccuse, 31, nil), facturation, "31 jours", "mettre l'AMC en demeure"},
		{"à recouvrer, sans garantie", de(PosteRemis, 31, func(r *retard) { r.sansGarantie = true }), facturation, "31 jours", "est demandée au patient"},
		{"à recouvrer, public", de(PosteReste, 31, func(r *retard) { r.comptable = true }), "le comptable public", "31 jours", "ecluse comptable titres"},
		{"relance, public", de(PosteAccuse, 30, func(r *retard) { r.comptable = true }), facturation, "30 jours", "Demander à l'AMC"},
	} {
		k := c.r.consigne()
		if c.qui == "" {
			if k != nil {
				t.Errorf("%s : %+v", c.nom, k)
			}
			continue
		}
		if k == nil || k.QuiAgit != c.qui || !strings.Contains(k.Constat, c.dit) || !strings.Contains(k.AFaire, c.fait) || len([]rune(k.AFaire)) > 500 || len([]rune(k.Constat)) > 500 {
			t.Errorf("%s : %+v", c.nom, k)
		}
	}
}
