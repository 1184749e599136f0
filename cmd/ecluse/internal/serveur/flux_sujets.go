package serveur

import (
	"encoding/json"

	"github.com/ecluse-sante/ecluse/internal/acheminement"
	"github.com/ecluse-sante/ecluse/roc"
)

// sujetsROC tells which invoices a batch or a return speaks of: a correction never
// overtakes what it corrects, nor a payment the one before it, whatever becomes of the
// other invoices of the same partner. Files have no detour: theirs is one numbered line.
type sujetsROC struct{}

// De implements acheminement.Sujets.
func (sujetsROC) De(e *acheminement.Envoi, contenu []byte) (l []string) {
	p := new(Pli)
	if e.Transport != TransportROC || json.Unmarshal(contenu, p) != nil {
		return nil
	}
	switch e.Genre {
	case GenreLot:
		d := new(roc.DemandeDRE)
		if roc.EchangeDRE.CorpsDemande.DecodeJSON(p.Corps, d) != nil {
			return nil
		}
		for i := range d.Factures {
			l = append(l, d.Factures[i].Numero)
			if c := d.Factures[i].FactureCorrigee; c != "" {
				l = append(l, c)
			}
		}
	case GenreRetour:
		d := new(roc.DemandeRET)
		if roc.EchangeRET.CorpsDemande.DecodeJSON(p.Corps, d) != nil {
			return nil
		}
		for i := range d.Factures {
			l = append(l, d.Factures[i].Numero)
		}
	}
	return l
}

// Propre implements acheminement.Sujets: a message that cannot be read, or says what
// may not be said, is alone in that. A seal, a place in the circle or a directory would
// refuse the next one too.
//
// hyp: DETOUR
func (sujetsROC) Propre(code string) bool {
	switch c := roc.Code(code); c {
	case roc.Illisible, roc.MemeID, acheminement.CodeContenu:
		return true
	default:
		return c.Famille() != 'T' && c.Famille() != 'S' && c.Famille() != 'A' && c.Signification().Libelle != ""
	}
}
